package dev.corral.operator.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link Sparse what is bounded} of network policies, and of what a watch tells: the client (Fabric8 7.8.0) makes a tree of that, of
 * whatever kind it is. Of an execution it need not: what a start waits for is read from what was copied.
 */
final class SparseReading extends BeanDeserializerModifier {
    private static final long serialVersionUID = 1;

    static Module module() {
        return new SimpleModule("corral-sparse-reading").setDeserializerModifier(new SparseReading());
    }

    @Override
    public BeanDeserializerBuilder updateBuilder(
            DeserializationConfig config, BeanDescription description, BeanDeserializerBuilder builder) {
        if (description.getBeanClass() == WatchEvent.class) {
            SettableBeanProperty object = builder.findProperty(PropertyName.construct("object"));
            builder.addOrReplaceProperty(
                    object.withValueDeserializer(new Watched(object.getValueDeserializer())), true);
        }
        return builder;
    }

    @Override
    public JsonDeserializer<?> modifyDeserializer(
            DeserializationConfig config, BeanDescription description, JsonDeserializer<?> deserializer) {
        Class<?> type = description.getBeanClass();
        if (type == NetworkPolicySpec.class) {
            return new OrNone(deserializer);
        }
        return type == GenericKubernetesResource.class || type == NetworkPolicy.class
                ? new Bounded(deserializer)
                : deserializer;
    }

    /** One that passes for ours must not end the watch of those that are. Without a spec it is none of them. */
    private static final class OrNone extends DelegatingDeserializer {
        private static final long serialVersionUID = 1;

        OrNone(JsonDeserializer<?> delegate) {
            super(delegate);
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new OrNone(delegate);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return parser.hasToken(JsonToken.VALUE_EMBEDDED_OBJECT) ? null : super.deserialize(parser, context);
        }
    }

    private static final class Bounded extends DelegatingDeserializer {
        private static final long serialVersionUID = 1;

        Bounded(JsonDeserializer<?> delegate) {
            super(delegate);
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new Bounded(delegate);
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            try (JsonParser bounded = Sparse.copy(parser, context).asParser(parser.getCodec())) {
                bounded.nextToken();
                return super.deserialize(bounded, context);
            }
        }
    }

    private static final class Watched extends DelegatingDeserializer {
        private static final long serialVersionUID = 1;
        private static final String API = HasMetadata.getApiVersion(PluginExecution.class);
        private static final String KIND = HasMetadata.getKind(PluginExecution.class);

        Watched(JsonDeserializer<?> delegate) {
            super(delegate);
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new Watched(delegate);
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            TokenBuffer bounded = Sparse.copy(parser, context);
            if (isExecution(bounded)
                    && context.findRootValueDeserializer(context.constructType(PluginExecution.class))
                            instanceof TolerantReading.Tolerant execution) {
                return execution.read(bounded, parser.getCodec(), context);
            }
            try (JsonParser tokens = bounded.asParser(parser.getCodec())) {
                tokens.nextToken();
                return super.deserialize(tokens, context);
            }
        }

        /** By what the API server says first of it; of one that says it later the client finds out. */
        private static boolean isExecution(TokenBuffer object) throws IOException {
            try (JsonParser tokens = object.asParser()) {
                return tokens.nextToken() == JsonToken.START_OBJECT
                        && "apiVersion".equals(tokens.nextFieldName())
                        && API.equals(tokens.nextTextValue())
                        && "kind".equals(tokens.nextFieldName())
                        && KIND.equals(tokens.nextTextValue());
            }
        }
    }
}

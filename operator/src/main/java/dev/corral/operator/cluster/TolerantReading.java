package dev.corral.operator.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an object of ours that fits no schema as one without a spec: an informer that meets an object it cannot read at all stops for
 * everybody, and stops again at every start. A status that nobody wrote is none, whatever its schema has in its place.
 */
final class TolerantReading extends BeanDeserializerModifier {
    private static final long serialVersionUID = 1;
    private static final Logger log = LoggerFactory.getLogger(TolerantReading.class);

    /** What the schema says of a status that nobody wrote, so that nobody else takes its absence for success. */
    private static final Map<String, Object> UNWRITTEN = Map.of("observedGeneration", -1);

    static Module module() {
        return new SimpleModule("corral-tolerant-reading").setDeserializerModifier(new TolerantReading());
    }

    @Override
    public JsonDeserializer<?> modifyDeserializer(
            DeserializationConfig config, BeanDescription description, JsonDeserializer<?> deserializer) {
        Class<?> type = description.getBeanClass();
        if (!CustomResource.class.isAssignableFrom(type)) {
            return deserializer;
        }
        JavaType status = description.getType().findTypeParameters(CustomResource.class)[1];
        return new Tolerant(deserializer, type, new ObjectMapper().convertValue(UNWRITTEN, status));
    }

    /**
     * Without its spec first: what has run must not look new. What cannot be read even so has neither spec nor status; a lone unreadable
     * field is never left out by itself, since it might have been the one that narrows.
     */
    static final class Tolerant extends DelegatingDeserializer {
        private static final List<String> LEFT_OUT = List.of("spec", "status");

        private final Class<?> type;
        private final transient Object unwritten;

        Tolerant(JsonDeserializer<?> delegate, Class<?> type, Object unwritten) {
            super(delegate);
            this.type = type;
            this.unwritten = unwritten;
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new Tolerant(delegate, type, unwritten);
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            // no tree yet: of a long list nearly all can be read, and a tree of each would be most of the work
            return read(Sparse.copy(parser, context), parser.getCodec(), context);
        }

        Object read(TokenBuffer bounded, ObjectCodec codec, DeserializationContext context) throws IOException {
            try {
                return read(bounded.asParser(codec), context);
            } catch (JsonMappingException unreadable) {
                return without(bounded, unreadable, codec, context);
            }
        }

        private Object without(
                TokenBuffer tokens, JsonMappingException why, ObjectCodec codec, DeserializationContext context)
                throws IOException {
            ObjectNode tree = context.readTree(tokens.asParserOnFirstToken()).require();
            JsonMappingException last = why;
            for (String field : LEFT_OUT) {
                log.atWarn()
                        .addKeyValue("kind", type.getSimpleName())
                        .addKeyValue("namespace", tree.at("/metadata/namespace").asText())
                        .addKeyValue("name", tree.at("/metadata/name").asText())
                        .addKeyValue("why", last.getOriginalMessage())
                        .log("object fits no schema, its " + field + " is left out");
                tree.remove(field);
                try {
                    return read(tree.traverse(codec), context);
                } catch (JsonMappingException still) {
                    last = still;
                }
            }
            throw last;
        }

        private Object read(JsonParser parser, DeserializationContext context) throws IOException {
            try (parser) {
                parser.nextToken();
                Object read = super.deserialize(parser, context);
                if (read instanceof CustomResource<?, ?> object && unwritten.equals(object.getStatus())) {
                    object.setStatus(null);
                }
                return read;
            }
        }
    }
}

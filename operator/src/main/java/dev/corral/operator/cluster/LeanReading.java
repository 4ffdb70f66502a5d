package dev.corral.operator.cluster;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.fabric8.kubernetes.api.model.ObjectMeta;

/**
 * Leaves out {@code metadata.managedFields}: who wrote which field is the API server's business, and in the caches it would be a third
 * of an object. A write without them keeps the ones that are stored.
 */
final class LeanReading extends BeanDeserializerModifier {
    static final String MANAGED_FIELDS = "managedFields";
    private static final long serialVersionUID = 1;

    static Module module() {
        return new SimpleModule("corral-lean-reading").setDeserializerModifier(new LeanReading());
    }

    @Override
    public BeanDeserializerBuilder updateBuilder(
            DeserializationConfig config, BeanDescription description, BeanDeserializerBuilder builder) {
        if (description.getBeanClass() == ObjectMeta.class) {
            builder.removeProperty(PropertyName.construct(MANAGED_FIELDS));
            builder.addIgnorable(MANAGED_FIELDS);
        }
        return builder;
    }
}

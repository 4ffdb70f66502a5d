package dev.corral.operator.gateway;

import java.util.Arrays;
import java.util.Objects;

/** Certificate chain and key the gateway serves (PEM), and the master of all session keys. */
public record ServingMaterial(String certificate, String key, byte[] master) {
    public ServingMaterial {
        master = master.clone();
        if (master.length != 32) {
            throw new IllegalArgumentException("the session master key has 32 bytes");
        }
    }

    @Override
    public byte[] master() {
        return master.clone();
    }

    boolean hasMasterOf(ServingMaterial other) {
        return Arrays.equals(master, other.master);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServingMaterial that
                && certificate.equals(that.certificate)
                && key.equals(that.key)
                && hasMasterOf(that);
    }

    @Override
    public int hashCode() {
        return Objects.hash(certificate);
    }

    @Override
    public String toString() {
        return "ServingMaterial[…]";
    }
}

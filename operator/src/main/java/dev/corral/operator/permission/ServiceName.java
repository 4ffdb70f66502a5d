package dev.corral.operator.permission;

/** A name an administrator gave to pods of some namespace, such as {@code orders-db}. */
public record ServiceName(String name) implements Grantable, Comparable<ServiceName> {
    public ServiceName {
        if (!Labels.isDnsLabel(name)) {
            throw new IllegalArgumentException("service " + name);
        }
    }

    public static Parsed<ServiceName> parse(String text, String path) {
        return Labels.isDnsLabel(text)
                ? Parsed.value(new ServiceName(text))
                : Parsed.malformed(
                        path,
                        ViolationReason.Malformed,
                        Text.quoted(text)
                                + " is no service name; write the name a ClusterPluginPolicy defines, like orders-db");
    }

    @Override
    public boolean covers(Grantable ask) {
        return equals(ask);
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return equals(ask);
    }

    @Override
    public int compareTo(ServiceName other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}

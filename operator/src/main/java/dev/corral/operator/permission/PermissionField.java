package dev.corral.operator.permission;

/** Every list of the vocabulary, under its path below {@code permissions}, {@code grants}, {@code limitTo} and {@code denies}. */
public enum PermissionField {
    FILES_READ(Section.FILES, "files.read"),
    FILES_WRITE(Section.FILES, "files.write"),
    FILES_DENY(Section.FILES, "files.deny"),
    FILES_CLAIMS(Section.FILES, "files.claims"),
    NETWORK_HOSTS(Section.NETWORK, "network.hosts"),
    NETWORK_DENY_HOSTS(Section.NETWORK, "network.denyHosts"),
    NETWORK_CIDRS(Section.NETWORK, "network.cidrs"),
    NETWORK_PEERS(Section.NETWORK, "network.peers"),
    NETWORK_SERVICES(Section.NETWORK, "network.services"),
    ENV(Section.ENV, "env"),
    SECRETS(Section.SECRETS, "secrets"),
    COMMANDS(Section.COMMANDS, "commands"),
    INVOKE(Section.INVOKE, "invoke"),
    ARTIFACTS_READ(Section.ARTIFACTS, "artifacts.read"),
    EVENTS_PRODUCE(Section.EVENTS, "events.produce"),
    EVENTS_CONSUME(Section.EVENTS, "events.consume"),
    STATE_READ(Section.STATE, "state.read"),
    STATE_WRITE(Section.STATE, "state.write"),
    CAPABILITIES(Section.CAPABILITIES, "capabilities");

    private final Section section;
    private final String path;

    PermissionField(Section section, String path) {
        this.section = section;
        this.path = path;
    }

    public Section section() {
        return section;
    }

    public String path() {
        return path;
    }

    /** Whether an entry takes something away: what every layer writes here holds, and no policy needs to grant it. */
    public boolean restricts() {
        return this == FILES_DENY || this == NETWORK_DENY_HOSTS;
    }

    /** As it is called in a line about one item: {@code network.cidr}, {@code env}, {@code secret}. */
    public String singular() {
        if (this == CAPABILITIES) {
            return "capability";
        }
        return path.endsWith("s") ? path.substring(0, path.length() - 1) : path;
    }
}

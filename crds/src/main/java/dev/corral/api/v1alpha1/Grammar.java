package dev.corral.api.v1alpha1;

/** The shapes of strings, as RE2 patterns; each matches the whole string, ASCII only, so that no look-alike passes. */
final class Grammar {
    private static final String DNS_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    // Kubernetes bounds the parts of an object's name by nothing but the whole of it
    private static final String NAME_PART = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
    private static final String DNS_NAME = NAME_PART + "(\\." + NAME_PART + ")*";
    private static final String PORT_NUMBER =
            "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
    private static final String PORTS = "\\*|" + PORT_NUMBER + "(-" + PORT_NUMBER + ")?";
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4_BLOCK = OCTET + "(\\." + OCTET + "){3}/(3[0-2]|[12]?[0-9])";
    // which hexadecimal strings are addresses is for the operator to say: no pattern of bearable length does
    private static final String IPV6_BLOCK = "[0-9a-f:]*::?[0-9a-f:.]*/(12[0-8]|1[01][0-9]|[1-9]?[0-9])";
    private static final String LABEL_NAME = "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";
    private static final String QUALIFIED = "(" + DNS_NAME + "/)?" + LABEL_NAME;
    private static final String VALUE = "(" + LABEL_NAME + ")?";
    private static final String FILE_NAME = "([A-Za-z0-9_-][A-Za-z0-9._-]*|\\.[A-Za-z0-9_-][A-Za-z0-9._-]*)";
    private static final String ARTIFACT_NAME = "[a-z0-9][a-z0-9._-]{0,62}";
    private static final String IMAGE_PART = "[a-z0-9]+((\\.|_{1,2}|-+)[a-z0-9]+)*";
    private static final String IMAGE_PATH = IMAGE_PART + "(/" + IMAGE_PART + ")*";
    private static final String IMAGE_PORT = "(:[1-9][0-9]{0,4})";
    private static final String SELECTED_HOST = "[a-z0-9]([a-z0-9.-]*[a-z0-9])?" + IMAGE_PORT + "?";
    private static final String IMAGE_DIGEST = "sha256:[0-9a-f]{64}";
    private static final String IMAGE_TAG = ":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";

    /** The name of an object: a DNS subdomain. */
    static final String NAME = "^" + DNS_NAME + "$";

    static final String LABEL = "^" + DNS_LABEL + "$";
    static final String LABEL_KEY = "^" + QUALIFIED + "$";
    static final String LABEL_VALUE = "^" + VALUE + "$";
    /** A claim and a glob of the paths on it. */
    static final String CLAIM_GRANT = "^" + DNS_NAME + "/[ -$&->@-Z^-z|~]*$";

    /** A key of a Secret or ConfigMap; it becomes a file name, so neither {@code .} nor {@code ..}. */
    static final String KEY = "^" + FILE_NAME + "$";

    /** A relative path of such names. */
    static final String SUBTREE = "^" + FILE_NAME + "(/" + FILE_NAME + ")*$";

    static final String VERSION = "^[A-Za-z0-9][A-Za-z0-9.+_-]*$";
    static final String REASON = "^[A-Za-z][A-Za-z0-9]*$";
    static final String CONDITION_STATUS = "^(True|False|Unknown)$";
    /** Units in descending order; that one is there is for the minimum length to say. */
    static final String DURATION = "^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";

    /** What the API server's format {@code date-time} leaves open: which fractions and zones there are, and that nothing follows. */
    static final String TIME =
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\\.[0-9]{1,9})?([Zz]|[+-](0[0-9]|1[0-7]):[0-5][0-9])$";

    static final String TTL = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
    static final String BYTES = "^[0-9]+(\\.[0-9]{1,3})?(k|M|G|T|Ki|Mi|Gi|Ti)?$";
    static final String CPU = "^([0-9]+m|[0-9]+(\\.[0-9]{1,3})?)$";

    /** Repository with a tag, a digest or both; never bare, because that would mean {@code :latest}. */
    static final String IMAGE = "^(" + DNS_NAME + IMAGE_PORT + "?/)?" + IMAGE_PATH + "((" + IMAGE_TAG + ")?@"
            + IMAGE_DIGEST + "|" + IMAGE_TAG + ")$";

    /** Repositories and digests; no tags, nothing compares them. */
    static final String IMAGE_SELECTOR = "^(" + IMAGE_DIGEST + "|(\\*|((" + SELECTED_HOST + "/)?" + IMAGE_PATH + "|"
            + SELECTED_HOST + ")(/\\*)?)(@" + IMAGE_DIGEST + ")?)$";

    /** At least two labels; the last starts with a letter, so an IPv4 address is no host. */
    static final String HOST = "^(\\*\\.)?(" + DNS_LABEL + "\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?(:(" + PORTS + "))?$";

    static final String CIDR = "^(" + IPV4_BLOCK + "|" + IPV6_BLOCK + "):(" + PORTS + ")(/udp)?$";
    static final String PEER =
            "^" + QUALIFIED + "=" + VALUE + "(," + QUALIFIED + "=" + VALUE + ")*:(" + PORTS + ")(/udp)?$";
    static final String SERVICE_PORT = "^(" + PORTS + ")(/udp)?$";

    static final String ENV_NAME = "^[A-Za-z_][A-Za-z0-9_]*$";
    static final String ENV_PATTERN = "^(\\*|[A-Za-z_][A-Za-z0-9_]*\\*?)$";
    /** Absolute, printable ASCII without the signs that mean something in other globs: {@code % \\ ? [ ] { }}. */
    static final String PATH = "^/[ -$&->@-Z^-z|~]*$";

    static final String COMMAND = "^(\\*|/[ -$&->@-Z^-z|~]*)$";
    static final String CAPABILITY = "^[A-Za-z][A-Za-z0-9._-]*$";
    static final String TOPIC = "^(\\*|[a-z][a-z0-9-]*(\\.[a-z0-9][a-z0-9-]*)*(\\.\\*)?)@v[1-9][0-9]{0,3}$";
    static final String INVOKE = "^" + DNS_NAME + "/(\\*|" + DNS_LABEL + ")$";
    static final String STATE_KEY = "^(\\*|[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*(/\\*)?)$";
    static final String ARTIFACT = "^" + ARTIFACT_NAME + "$";
    static final String ARTIFACT_GRANT = "^(\\*|" + DNS_NAME + ")/(\\*|" + ARTIFACT_NAME + ")$";
    static final String ARTIFACT_PATH = "^([A-Za-z0-9._/-]|\\{(runId|attempt|plugin)\\})+$";
    static final String MEDIA_TYPE = "^[a-z0-9][a-z0-9.+-]*/[A-Za-z0-9][A-Za-z0-9.+_-]*$";
    static final String TAINT_EFFECT = "^(NoSchedule|PreferNoSchedule|NoExecute)$";
    static final String UNENFORCED = "^(network|userNamespace|landlock|files|commands)$";

    private Grammar() {}
}

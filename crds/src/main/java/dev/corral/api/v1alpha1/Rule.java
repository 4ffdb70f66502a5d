package dev.corral.api.v1alpha1;

/** The rules across fields, in CEL, each with a message that says what is wrong and how to put it right. */
final class Rule {
    static final String TIMEOUT = "duration(self) > duration('0s') && duration(self) <= duration('24h')";
    static final String TIMEOUT_MESSAGE =
            "a duration must be more than 0s and at most 24h: write for example 90s or 1h30m";

    // no wait of a retry grows beyond that: a longer first one would be cut in silence
    static final String BACKOFF = "duration(self) > duration('0s') && duration(self) <= duration('5m')";
    static final String BACKOFF_MESSAGE =
            "a wait between attempts must be more than 0s and at most 5m: write for example 5s or 1m30s";

    // fractions of a byte are rounded down, so what is less than one would be nothing
    static final String SIZE =
            "quantity(self).compareTo(quantity('1')) >= 0 && quantity(self).compareTo(quantity('1024Ti')) <= 0";
    static final String SIZE_MESSAGE =
            "a limit must be more than 0, and at most 1024Ti: leave the field out to take the default";
    static final String CORES =
            "quantity(self).isGreaterThan(quantity('0')) && quantity(self).compareTo(quantity('1M')) <= 0";
    static final String CORES_MESSAGE =
            "a limit must be more than 0, and at most 1000000 cores: leave the field out to take the default";

    static final String PLAIN_SEGMENTS = "self.all(path, !path.matches(r'//|/\\.\\.?(/|$)|[^/]\\*\\*|\\*\\*[^/]'))";
    static final String PLAIN_SEGMENTS_MESSAGE =
            "a path must have no '.', '..' or empty segments, and ** only between slashes: write the path that they lead to, or /app/**/*.json";

    private static final String BLOCK = "c.substring(0, c.lastIndexOf(':'))";
    // without a colon it is the pattern that says what is missing
    static final String BLOCKS = "self.all(c, !c.contains(':') || isCIDR(" + BLOCK + ") && cidr(" + BLOCK + ") == cidr("
            + BLOCK + ").masked())";
    static final String BLOCKS_MESSAGE =
            "no address block, or bits are set outside its prefix: write 203.0.113.0/24 for a block, 203.0.113.7/32 for one address";

    // whatever stands before the ports ends with a colon, and no port has one
    static final String PORTS_IN_ORDER = "self.all(p, !p.matches('(^|:)[0-9]{1,5}-[0-9]{1,5}(/udp)?$')"
            + " || int(p.substring(p.lastIndexOf(':') + 1, p.lastIndexOf('-'))) <= int(p.substring(p.lastIndexOf('-') + 1).split('/')[0]))";
    static final String PORTS_IN_ORDER_MESSAGE =
            "the first port of a range is above the last: exchange them, like 80-443";

    // the rule of the container runtimes: a first part without a dot, a port or localhost is no registry
    static final String REGISTRY_NAMED = "self.matches('^([^/]*[.:][^/]*|localhost)/')";
    static final String REGISTRY_NAMED_MESSAGE =
            "the image names no registry: write it in full, like registry.example.org/link-checker:1.4.0";

    // other names of one repository: policies compare names
    private static final String OTHER_NAME =
            ".matches('^((index|registry-1)[.]docker[.]io|[^/]+:443)(/|@|$)|^docker[.]io/[^/*]+$')";
    static final String IMAGE_USUAL = "!self" + OTHER_NAME;
    static final String IMAGES_USUAL = "self.all(image, !image" + OTHER_NAME + ")";
    static final String IMAGE_USUAL_MESSAGE =
            "write the usual name: docker.io/library/python for docker.io/python, docker.io for index.docker.io, and no port 443";

    // lengths of a part of a text: no pattern of bearable length counts that far
    private static final String WITHIN_253 = ".indexOf('/') <= 253";

    static final String LABEL_KEYS =
            "self.all(key, key.matches(r'" + Grammar.LABEL_KEY + "') && key" + WITHIN_253 + ")";
    static final String LABEL_KEYS_MESSAGE =
            "no label key: write app or example.org/app, with at most 253 characters before the slash";
    static final String LABEL_KEY = "self" + WITHIN_253;
    static final String LABEL_KEY_MESSAGE =
            "no label key: it has more than 253 characters before the slash, shorten them";

    // the comma in front makes ",key=" stand where a key does and nowhere else
    static final String PEER_LABELS = "self.map(peer, ',' + peer).all(peer, peer.split(',').all(label, label"
            + WITHIN_253 + " && peer.split(',' + label.split('=')[0] + '=').size() <= 2))";
    static final String PEER_LABELS_MESSAGE =
            "a peer names a label twice, or one with more than 253 characters before the slash: write each once, like app=db,example.org/tier=x:5432";

    static final String NAMES_WITHIN_253 = "self.all(name, name" + WITHIN_253 + ")";
    static final String NAMES_WITHIN_253_MESSAGE =
            "more than 253 characters before the slash: no object has such a name, write one that exists";

    static final String HOSTS_WITHIN_253 = "self.all(host, host.split(':')[0].size() <= 253)";
    static final String HOSTS_WITHIN_253_MESSAGE =
            "a host name is longer than 253 characters, and DNS knows none: shorten it, or grant names above it, like *.example.org";

    static final String RELATIVE_PATH = "!self.matches('^/|//|(^|/)[.][.]?(/|$)')";
    static final String RELATIVE_PATH_MESSAGE =
            "an artifact lies below $CORRAL_OUTPUT: write a relative path without '.', '..' and empty segments";

    static final String SOME_TIME = "self.matches('[1-9]')";
    static final String SOME_TIME_MESSAGE =
            "a time to live must be more than 0: leave the field out to take the default";

    // what decides which code a runtime loads, where traffic goes or what the platform says about itself
    private static final String RESERVED =
            "'^(?i:LD_.*|PYTHON.*|KUBERNETES_.*|CORRAL_.*|.*_PROXY|PATH|HOME|TMPDIR|NODE_OPTIONS"
                    + "|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|BASH_ENV|SHELLOPTS|PERL5OPT|PERL5LIB|RUBYOPT|RUBYLIB"
                    + "|GLIBC_TUNABLES|GCONV_PATH)$'";
    private static final String RESERVED_NAMES =
            " (LD_*, PYTHON*, KUBERNETES_*, CORRAL_*, *_PROXY, PATH, HOME, TMPDIR, and the options of shells and runtimes)";

    static final String ENV_NOT_RESERVED = "!self.name.matches(" + RESERVED + ")";
    static final String ENV_NOT_RESERVED_MESSAGE =
            "this name is reserved, it could change how programs start: choose another" + RESERVED_NAMES;
    static final String ENV_PATTERNS_NOT_RESERVED = "self.all(name, !name.matches(" + RESERVED + "))";
    static final String ENV_PATTERNS_NOT_RESERVED_MESSAGE =
            "a reserved name cannot be asked for or granted: remove it" + RESERVED_NAMES;

    private static final String DENIES_WITHOUT_DENY_LISTS =
            "(!has(self.denies) || (!has(self.denies.files) || !has(self.denies.files.deny)) && (!has(self.denies.network) || !has(self.denies.network.denyHosts)))";
    static final String NO_DENY_LISTS_IN_CLUSTER_POLICY = DENIES_WITHOUT_DENY_LISTS
            + " && (!has(self.grants) || (!has(self.grants.files) || !has(self.grants.files.deny)) && (!has(self.grants.network) || !has(self.grants.network.denyHosts)))";
    static final String NO_DENY_LISTS_IN_POLICY = DENIES_WITHOUT_DENY_LISTS
            + " && (!has(self.limitTo) || (!has(self.limitTo.files) || !has(self.limitTo.files.deny)) && (!has(self.limitTo.network) || !has(self.limitTo.network.denyHosts)))";
    static final String NO_DENY_LISTS_MESSAGE =
            "files.deny and network.denyHosts are for plugins and executions: in a policy write the entries under denies, as files.read,"
                    + " files.write or network.hosts";

    static final String NO_LIMITS_IN_DENIES = "!has(self.denies) || !has(self.denies.limits)";
    static final String NO_LIMITS_IN_DENIES_MESSAGE =
            "a limit cannot be denied: write the bound under grants or limitTo";

    static final String ONE_FILE_SOURCE =
            "[has(self.configMapKey), has(self.artifact), has(self.claim)].exists_one(source, source)";
    static final String ONE_FILE_SOURCE_MESSAGE =
            "a file has exactly one source: set configMapKey, artifact or claim, and one of them only";

    static final String CAPABILITY_GRANTS = "!has(self.capability) || has(self.grants)";
    static final String CAPABILITY_GRANTS_MESSAGE =
            "a policy with spec.capability says what the name means: add spec.grants";
    static final String NO_CAPABILITIES_IN_GRANTS = "!has(self.grants) || !has(self.grants.capabilities)";
    static final String NO_CAPABILITIES_IN_GRANTS_MESSAGE =
            "a capability is granted by the policy that defines it: set spec.capability to its name, and write what it means under grants";

    static final String ONE_INPUT = "!(has(self.input) && has(self.inputFrom))";
    static final String ONE_INPUT_MESSAGE = "input and inputFrom exclude each other: remove one";

    // the command is repeated in the execution's status, which stays below 32 KiB
    static final String COMMAND_FITS = "self.map(part, size(part)).sum() <= 8192";
    static final String COMMAND_FITS_MESSAGE =
            "a command is at most 8192 characters in all: put a longer script into the image";

    private static final String RERUN = ": an execution is one run, create a new PluginExecution";

    // CEL sees whether there is an input, not what is in it: the chart's ValidatingAdmissionPolicy compares that
    static final String PLUGIN_IMMUTABLE = "self.plugin == oldSelf.plugin && self.handler == oldSelf.handler";
    static final String PLUGIN_IMMUTABLE_MESSAGE = "plugin and handler cannot change" + RERUN;
    static final String INPUT_IMMUTABLE = "has(self.input) == has(oldSelf.input)"
            + " && has(self.inputFrom) == has(oldSelf.inputFrom) && (!has(self.inputFrom) || self.inputFrom == oldSelf.inputFrom)"
            + " && has(self.env) == has(oldSelf.env) && (!has(self.env) || self.env == oldSelf.env)"
            + " && has(self.files) == has(oldSelf.files) && (!has(self.files) || self.files == oldSelf.files)";
    static final String INPUT_IMMUTABLE_MESSAGE = "input, inputFrom, env and files cannot change" + RERUN;
    static final String PERMISSIONS_IMMUTABLE =
            "has(self.secrets) == has(oldSelf.secrets) && (!has(self.secrets) || self.secrets == oldSelf.secrets)"
                    + " && has(self.permissions) == has(oldSelf.permissions) && (!has(self.permissions) || self.permissions == oldSelf.permissions)";
    static final String PERMISSIONS_IMMUTABLE_MESSAGE = "secrets and permissions cannot change" + RERUN;
    static final String COURSE_IMMUTABLE =
            "has(self.timeout) == has(oldSelf.timeout) && (!has(self.timeout) || self.timeout == oldSelf.timeout)"
                    + " && has(self.retry) == has(oldSelf.retry) && (!has(self.retry) || self.retry == oldSelf.retry)"
                    + " && has(self.mode) == has(oldSelf.mode) && (!has(self.mode) || self.mode == oldSelf.mode)"
                    + " && has(self.priority) == has(oldSelf.priority) && (!has(self.priority) || self.priority == oldSelf.priority)";
    static final String COURSE_IMMUTABLE_MESSAGE = "timeout, retry, mode and priority cannot change" + RERUN;
    static final String CANCEL_IS_FINAL =
            "!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)";
    static final String CANCEL_IS_FINAL_MESSAGE = "cancel cannot be taken back: create a new PluginExecution";

    static final String BOUNDED_QUEUE = "has(self.running) || has(self.runningPerNamespace)";
    static final String BOUNDED_QUEUE_MESSAGE =
            "without a bound nothing waits: add running, runningPerNamespace or both";

    static final String POOL_BOUNDS_IN_ORDER = "!has(self.min) || !has(self.max) || self.min <= self.max";
    static final String POOL_BOUNDS_IN_ORDER_MESSAGE = "min is larger than max: exchange them";
    static final String POOL_NAMES_BOTH = "has(self.plugin) == has(self.handler)";
    static final String POOL_NAMES_BOTH_MESSAGE = "name plugin and handler, or neither: then the pool keeps what runs";
    static final String POOL_SECRETS_OF_PLUGIN = "!has(self.secrets) || has(self.plugin)";
    static final String POOL_SECRETS_OF_PLUGIN_MESSAGE =
            "a pool without plugin has no secrets: name the plugin and handler that get them";
    static final String POOL_WITHIN_BOUNDS =
            "(!has(self.min) || self.replicas >= self.min) && (!has(self.max) || self.replicas <= self.max)";
    static final String POOL_WITHIN_BOUNDS_MESSAGE =
            "replicas is outside of min and max: choose a number between them, or move them";
    static final String POOL_AGE = "duration(self) >= duration('1m') && duration(self) <= duration('24h')";
    static final String POOL_AGE_MESSAGE = "maxAge is between 1m and 24h: write for example 30m or 6h";

    private Rule() {}
}

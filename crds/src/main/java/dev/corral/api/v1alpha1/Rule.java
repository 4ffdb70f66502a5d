package dev.corral.api.v1alpha1;

/** The rules across fields, in CEL, each with a message that says what is wrong and how to put it right. */
final class Rule {
    static final String TIMEOUT = "duration(self) > duration('0s') && duration(self) <= duration('24h')";
    static final String TIMEOUT_MESSAGE =
            "a duration must be more than 0s and at most 24h: write for example 90s or 1h30m";

    static final String POSITIVE_QUANTITY = "quantity(self).isGreaterThan(quantity('0'))";
    static final String POSITIVE_QUANTITY_MESSAGE =
            "a limit must be more than 0: leave the field out to take the default";

    static final String NO_PARENT_SEGMENTS = "self.all(path, !path.contains('/../') && !path.endsWith('/..'))";
    static final String NO_PARENT_SEGMENTS_MESSAGE =
            "a path must not climb with '..': write the directory it would lead to";

    static final String RELATIVE_PATH =
            "!self.startsWith('/') && !self.split('/').exists(segment, segment == '..' || segment == '')";
    static final String RELATIVE_PATH_MESSAGE =
            "an artifact lies below $CORRAL_OUTPUT: write a relative path without '..' and empty segments";

    private static final String RESERVED =
            "'^(LD_.*|.*_(?i:proxy)|NODE_OPTIONS|JAVA_TOOL_OPTIONS|PYTHON.*|BASH_ENV|PATH|HOME|TMPDIR|KUBERNETES_.*|CORRAL_.*)$'";
    private static final String RESERVED_NAMES =
            "(LD_*, *_PROXY, NODE_OPTIONS, JAVA_TOOL_OPTIONS, PYTHON*, BASH_ENV, PATH, HOME, TMPDIR, KUBERNETES_*, CORRAL_*)";

    static final String ENV_NOT_RESERVED = "!self.name.matches(" + RESERVED + ")";
    static final String ENV_NOT_RESERVED_MESSAGE =
            "this name is reserved, it could change how programs start: choose another " + RESERVED_NAMES;
    static final String ENV_PATTERNS_NOT_RESERVED = "self.all(name, !name.matches(" + RESERVED + "))";
    static final String ENV_PATTERNS_NOT_RESERVED_MESSAGE =
            "a reserved name cannot be asked for or granted: remove it " + RESERVED_NAMES;

    static final String ONE_INPUT = "!(has(self.input) && has(self.inputFrom))";
    static final String ONE_INPUT_MESSAGE = "input and inputFrom exclude each other: remove one";

    private static final String RERUN = ": an execution is one run, create a new PluginExecution";

    // CEL sees whether there is an input, not what is in it: the chart's ValidatingAdmissionPolicy compares that
    static final String PLUGIN_IMMUTABLE = "self.plugin == oldSelf.plugin && self.handler == oldSelf.handler";
    static final String PLUGIN_IMMUTABLE_MESSAGE = "plugin and handler cannot change" + RERUN;
    static final String INPUT_IMMUTABLE = "has(self.input) == has(oldSelf.input)"
            + " && has(self.inputFrom) == has(oldSelf.inputFrom) && (!has(self.inputFrom) || self.inputFrom == oldSelf.inputFrom)"
            + " && has(self.env) == has(oldSelf.env) && (!has(self.env) || self.env == oldSelf.env)";
    static final String INPUT_IMMUTABLE_MESSAGE = "input, inputFrom and env cannot change" + RERUN;
    static final String PERMISSIONS_IMMUTABLE =
            "has(self.secrets) == has(oldSelf.secrets) && (!has(self.secrets) || self.secrets == oldSelf.secrets)"
                    + " && has(self.permissions) == has(oldSelf.permissions) && (!has(self.permissions) || self.permissions == oldSelf.permissions)";
    static final String PERMISSIONS_IMMUTABLE_MESSAGE = "secrets and permissions cannot change" + RERUN;
    static final String COURSE_IMMUTABLE =
            "has(self.timeout) == has(oldSelf.timeout) && (!has(self.timeout) || self.timeout == oldSelf.timeout)"
                    + " && has(self.retry) == has(oldSelf.retry) && (!has(self.retry) || self.retry == oldSelf.retry)"
                    + " && has(self.mode) == has(oldSelf.mode) && (!has(self.mode) || self.mode == oldSelf.mode)";
    static final String COURSE_IMMUTABLE_MESSAGE = "timeout, retry and mode cannot change" + RERUN;
    static final String CANCEL_IS_FINAL =
            "!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)";
    static final String CANCEL_IS_FINAL_MESSAGE = "cancel cannot be taken back: create a new PluginExecution";

    private Rule() {}
}

package dev.corral.operator.gateway;

/** What a run was decided to get cannot be handed out; becomes a report of that reason, or a refusal. */
final class Undeliverable extends RuntimeException {
    private final String reason;

    private Undeliverable(String reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** It is not there, or not what was decided on. */
    static Undeliverable unavailable(String why) {
        return new Undeliverable("InputUnavailable", why);
    }

    /** It is there, but not what the handler takes. */
    static Undeliverable invalid(String why) {
        return new Undeliverable("InputInvalid", why);
    }

    String reason() {
        return reason;
    }

    String why() {
        return String.valueOf(getMessage());
    }
}

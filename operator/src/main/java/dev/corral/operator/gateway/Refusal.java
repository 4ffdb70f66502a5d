package dev.corral.operator.gateway;

/** A request is answered with this and nothing else: HTTP status, stable code, one line for the person who reads the launcher's log. */
final class Refusal extends RuntimeException {
    private final int status;
    private final String code;

    Refusal(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    static Refusal malformed(String message) {
        return new Refusal(400, "Malformed", message);
    }

    static Refusal notBound() {
        return new Refusal(409, "NotBound", "no attempt belongs to this session (any more)");
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    String line() {
        return String.valueOf(getMessage());
    }
}

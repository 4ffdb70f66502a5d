package dev.corral.operator.schema;

import com.networknt.schema.JsonSchemaException;

/** What one check against a stranger's schema may cost: counted, not timed, so that it ends the same way wherever it is made. */
final class Steps {
    /** Of schemas within schemas; each takes some of the thread's stack. */
    private static final int DEEPEST = 300;
    /** Of problems at once; each takes up to a kilobyte. */
    private static final int PROBLEMS = 20_000;

    private long left;
    private int depth;
    private long problems;

    Steps(long most) {
        this.left = most;
    }

    void take(long steps) {
        left -= steps;
        if (left < 0) {
            throw new Spent("that takes too much work; use fewer references, combinations and repetitions");
        }
    }

    void enter() {
        if (++depth > DEEPEST) {
            throw new Spent("it nests or refers to itself more than " + DEEPEST + " levels deep; make it flatter");
        }
    }

    void leave() {
        depth--;
    }

    /** How many problems have been found and not been let go. */
    long problems() {
        return problems;
    }

    void problems(long now) {
        problems = now;
        if (problems > PROBLEMS) {
            throw new Spent("there may be more than " + PROBLEMS + " problems at once; use fewer combinations");
        }
    }

    /** More than that. An exception that the validator lets pass. */
    static final class Spent extends JsonSchemaException {
        Spent(String why) {
            super(why);
        }
    }
}

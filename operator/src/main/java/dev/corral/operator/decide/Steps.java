package dev.corral.operator.decide;

import com.networknt.schema.JsonSchemaException;

/** What one check against a stranger's schema may cost: counted, not timed, so that it ends the same way wherever it is made. */
final class Steps {
    /** Of schemas within schemas; each takes some of the thread's stack. */
    private static final int DEEPEST = 300;

    private long left;
    private int depth;

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

    /** More than that. An exception that the validator lets pass. */
    static final class Spent extends JsonSchemaException {
        Spent(String why) {
            super(why);
        }
    }
}

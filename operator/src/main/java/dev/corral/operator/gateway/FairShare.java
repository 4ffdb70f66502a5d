package dev.corral.operator.gateway;

/**
 * How much of what all namespaces share one may have: three times what it leaves free. Alone that is three quarters; who comes next always finds some, the
 * same of what is left. A fixed share would keep from an installation of one team what nobody else asks for.
 */
final class FairShare {
    private static final int TIMES = 3;

    private FairShare() {}

    static boolean allows(long held, long free) {
        return held <= TIMES * free;
    }
}

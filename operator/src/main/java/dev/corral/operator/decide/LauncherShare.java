package dev.corral.operator.decide;

/** What the launcher's two processes use themselves: it measures the whole container, and the handler gets all it was granted. */
public final class LauncherShare {
    public static final long MEMORY_BYTES = 16L << 20;

    private LauncherShare() {}
}

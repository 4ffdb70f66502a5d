package dev.corral.operator.schema;

import dev.corral.operator.spec.Recent;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Of each namespace one at a time, so that the others wait for one piece of its work and not for all of it. */
final class Turns {
    private static final int REMEMBERED = 1024;

    private final Recent<String, Lock> locks = new Recent<>(REMEMBERED);

    <T> T in(String namespace, Supplier<T> work) {
        Lock lock = locks.computeIfAbsent(namespace, unseen -> new ReentrantLock(true));
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}

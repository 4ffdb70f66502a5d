package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Lets so many of one address in, and so many of all together, before anybody knows who they are: to where each request costs a review by
 * the API server, or each connection a handshake. A handler shares its launcher's address and comes here too, with whatever tokens it makes
 * up. Nothing is read out of a token before its review: who makes one up can make up what it says.
 *
 * <p>So who comes from one address more often than a launcher has to is served of what those leave who do not: however many handlers ask, and
 * however often, they cost launchers little. What became of a review does not count: who asks may have made it fail.
 *
 * <p>A tenant has as many addresses as pods. Those that are known to be a namespace's have together what one address has, but for the first.
 */
final class Doorkeeper {
    /** So many at once, and then one per interval. */
    record Pace(int burst, Duration interval) {
        private TokenBucket bucket() {
            return new TokenBucket(burst, interval);
        }
    }

    /** Of all together: four times what starts in a second where one installation is at its end; at more the reviews would hold up reports. */
    static final Pace REVIEWS = new Pace(1000, Duration.ofMillis(5));

    static final Pace REVIEWS_OF_ONE = new Pace(50, Duration.ofMillis(100));
    /** A launcher needs one, and its handler starts after it. After a minute the address may be another pod's. */
    private static final Pace FIRST_REVIEWS = new Pace(1, Duration.ofMinutes(1));

    /** Of all together: ten for each run that starts then; at once more than there are launchers that lose a gateway when it goes. */
    static final Pace CONNECTIONS = new Pace(4000, Duration.ofMillis(2));

    static final Pace CONNECTIONS_OF_ONE = new Pace(200, Duration.ofMillis(10));
    /** A launcher has up to four, and gives up what was quiet for half a minute. */
    private static final Pace FIRST_CONNECTIONS = new Pace(8, Duration.ofSeconds(5));

    private final InstantSource clock;
    private final TokenBucket all;
    private final int forTheFirst;
    private final Pace ofOne;
    private final Pace first;
    private final Recent<String, Visitor> visitors;
    private final Recent<String, TokenBucket> namespaces = new Recent<>(1024);

    private static final class Visitor {
        private final TokenBucket first;
        private TokenBucket pace;

        private Visitor(TokenBucket first, TokenBucket pace) {
            this.first = first;
            this.pace = pace;
        }
    }

    private Doorkeeper(InstantSource clock, Pace all, Pace ofOne, Pace first, int remembered) {
        this.clock = clock;
        this.all = all.bucket();
        this.forTheFirst = all.burst() / 2;
        this.ofOne = ofOne;
        this.first = first;
        this.visitors = new Recent<>(remembered);
    }

    static Doorkeeper ofReviews(InstantSource clock) {
        return new Doorkeeper(
                clock, REVIEWS, REVIEWS_OF_ONE, FIRST_REVIEWS, 16_384); // more than can be had in a minute
    }

    static Doorkeeper ofConnections(InstantSource clock) {
        return new Doorkeeper(clock, CONNECTIONS, CONNECTIONS_OF_ONE, FIRST_CONNECTIONS, 4096);
    }

    /** Throws what a request is refused with. */
    void admit(String address) {
        if (!lets(address)) {
            throw new Refusal(503, "Busy", "too many requests; ask again");
        }
    }

    synchronized boolean lets(String address) {
        var now = clock.instant();
        var visitor = visitor(address);
        var isFirst = visitor.first.has(now);
        // the first do not wait for others of their namespace, or of who had the address before
        if (!visitor.pace.take(now) && !isFirst || !all.take(now, isFirst ? 0 : forTheFirst)) {
            return false;
        }
        if (isFirst) {
            visitor.first.take(now);
        }
        return true;
    }

    /** Who has the address now. */
    synchronized void belongs(String address, String namespace) {
        visitor(address).pace = namespaces.computeIfAbsent(namespace, unseen -> ofOne.bucket());
    }

    private Visitor visitor(String address) {
        return visitors.computeIfAbsent(address, unseen -> new Visitor(first.bucket(), ofOne.bucket()));
    }
}

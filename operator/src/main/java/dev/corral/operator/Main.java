package dev.corral.operator;

import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator's two roles, wired by constructors: {@code controller} decides and creates, {@code gateway} talks to launchers. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] arguments) {
        OperatorConfig config = OperatorConfig.from(System.getenv());
        InstantSource clock = InstantSource.system();
        try {
            start(arguments, config, clock);
        } catch (Exception failed) {
            // other threads would keep a process alive that never becomes ready: the kubelet is to start it again
            log.error("could not start", failed);
            System.exit(1);
        }
    }

    private static void start(String[] arguments, OperatorConfig config, InstantSource clock) throws Exception {
        switch (arguments.length == 1 ? arguments[0] : "") {
            case "controller" -> ControllerRole.start(config, clock);
            case "gateway" -> GatewayRole.start(config, clock);
            default -> {
                System.err.println("usage: controller | gateway");
                System.exit(2);
            }
        }
    }
}

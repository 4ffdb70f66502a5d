package dev.corral.operator;

import java.time.InstantSource;

/** The operator's two roles, wired by constructors: {@code controller} decides and creates, {@code gateway} talks to launchers. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        OperatorConfig config = OperatorConfig.from(System.getenv());
        InstantSource clock = InstantSource.system();
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

package dev.corral.operator.faults;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Tests that have one ranch for all of their class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnRanch {
    Ranch ranch;

    @BeforeAll
    void open(@TempDir Path store) {
        ranch = new Ranch(store);
    }

    @AfterAll
    void close() {
        ranch.close();
    }
}

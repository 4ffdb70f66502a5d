package dev.corral.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The shape of the house: what each room may see. */
class ArchitectureTest {
    private static final String BASE = "dev.corral.operator";
    private static final JavaClasses OPERATOR = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(BASE);

    @Test
    void theCoreSeesOnlyTheJdkAndWhatStandsToItsRight() {
        classes()
                .that()
                .resideInAPackage(BASE + ".permission")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", BASE + ".permission")
                .check(OPERATOR);
        classes()
                .that()
                .resideInAPackage(BASE + ".learn")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", BASE + ".permission", BASE + ".learn")
                .check(OPERATOR);
        classes()
                .that()
                .resideInAPackage(BASE + ".policy")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", BASE + ".permission", BASE + ".policy")
                .check(OPERATOR);
        classes()
                .that()
                .resideInAPackage(BASE + ".queue")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", BASE + ".queue")
                .check(OPERATOR);
        classes()
                .that()
                .resideInAPackage(BASE + ".plan")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", BASE + ".permission", BASE + ".policy", BASE + ".plan")
                .check(OPERATOR);
    }

    @Test
    void onlyClusterSeesAClient() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE + ".cluster", BASE)
                .should()
                .dependOnClassesThat(new DescribedPredicate<>("are a Kubernetes client") {
                    @Override
                    public boolean test(JavaClass type) {
                        return type.getPackageName().startsWith("io.fabric8.kubernetes.client")
                                && !type.getSimpleName().equals("CustomResource")
                                // named by an annotation of JOSDK, never used
                                && !type.getSimpleName().equals("ItemStore");
                    }
                })
                .check(OPERATOR);
    }

    @Test
    void onlyTheReconcilerSeesTheOperatorSdk() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE + ".reconcile", BASE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.javaoperatorsdk..")
                .check(OPERATOR);
    }

    @Test
    void noClockNoEnvironmentNoRandomnessButInMain() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(BASE + ".Main")
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.time.InstantSource.class, "system")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .check(OPERATOR);
    }

    @Test
    void theCoreNeverLooksAtWhatIsAroundIt() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        BASE + ".permission",
                        BASE + ".policy",
                        BASE + ".queue",
                        BASE + ".plan",
                        BASE + ".render",
                        BASE + ".observe",
                        BASE + ".status",
                        BASE + ".schema",
                        BASE + ".decide")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        BASE + ".cluster", BASE + ".reconcile", BASE + ".gateway", "java.net.http", "java.nio.file")
                .check(OPERATOR);
    }

    @Test
    void noCycles() {
        slices().matching(BASE + ".(*)..").should().beFreeOfCycles().check(OPERATOR);
    }

    @Test
    void namesSayWhatThingsAre() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameStartingWith("Abstract")
                .check(OPERATOR);
    }
}

package dev.bandit.service;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** The arrows between packages (docs/decisions/0001), and the picture of them in docs/architecture-packages.md. */
class ArchitectureTest {

    /** From the bottom up: a package may use those before it. */
    private static final List<String> ORDER = List.of(
            "startup",
            "problem",
            "endpoint",
            "store",
            "experiment",
            "file",
            "ledger",
            "posterior",
            "decision",
            "reward",
            "stream",
            "totals",
            "report",
            "stop",
            "snapshot",
            "sink",
            "analyze",
            "plan",
            "traffic");

    /** How the world outside gets in: nothing inside may know them. */
    private static final List<String> EDGES = List.of("web", "cli", "embedded");

    private static final String SERVICE = "dev.bandit.service";
    private static final String CORE = "dev.bandit.core";
    private static final Path PICTURE = Path.of("../docs/architecture-packages.md");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(SERVICE, CORE);

    @Test
    void every_package_has_its_place() {
        assertThat(packages()).isSubsetOf(join(ORDER, EDGES));
    }

    @Test
    void arrows_point_down() {
        for (var arrow : arrows()) {
            var from = ORDER.contains(arrow.from()) ? ORDER.indexOf(arrow.from()) : ORDER.size();
            assertThat(ORDER.indexOf(arrow.to()))
                    .as("%s uses %s", arrow.from(), arrow.to())
                    .isBetween(0, from - 1);
        }
    }

    @Test
    void the_picture_is_current() throws IOException {
        var picture = picture();
        if (Boolean.getBoolean("bandit.write-docs")) {
            Files.writeString(PICTURE, picture);
        }
        assertThat(PICTURE)
                .as("Write it anew: ./mvnw -pl bandit-service -am test -Dquick -Dtest=ArchitectureTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dbandit.write-docs=true")
                .hasContent(picture);
    }

    @Test
    void the_core_is_mathematics_only() {
        ArchRuleDefinition.classes()
                .that()
                .resideInAPackage(CORE + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        CORE + "..",
                        "java.lang..",
                        "java.util",
                        "java.util.function..",
                        "java.util.stream..",
                        "java.util.random..",
                        "java.math..",
                        "java.nio.charset..",
                        "java.nio",
                        "java.security..",
                        "org.apache.commons.math3..",
                        "org.apache.commons.rng..",
                        "org.jspecify..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(CORE + "..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Math.class, "random")
                .check(CLASSES);
    }

    @Test
    void settings_and_collaborators_come_through_constructors() {
        noFields()
                .should()
                .beAnnotatedWith(Autowired.class)
                .orShould()
                .beAnnotatedWith(Value.class)
                .check(CLASSES);
        methods().should().notBeAnnotatedWith(Autowired.class).check(CLASSES);
    }

    @Test
    void only_the_command_line_prints() {
        noClasses()
                .that()
                .resideOutsideOfPackages(SERVICE + ".cli..", SERVICE + ".startup..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethodWhere(DescribedPredicate.describe(
                        "it is Throwable.printStackTrace",
                        call -> call.getName().equals("printStackTrace")
                                && call.getTargetOwner().isAssignableTo(Throwable.class)))
                .check(CLASSES);
    }

    @Test
    void nothing_static_changes() {
        fields().that().areStatic().should().beFinal().check(CLASSES);
    }

    private record Arrow(String from, String to) implements Comparable<Arrow> {

        @Override
        public int compareTo(Arrow other) {
            return toString().compareTo(other.toString());
        }
    }

    private static SortedSet<Arrow> arrows() {
        var arrows = new TreeSet<Arrow>();
        for (var origin : CLASSES) {
            for (var dependency : origin.getDirectDependenciesFromSelf()) {
                var from = feature(origin);
                var to = feature(dependency.getTargetClass());
                if (!from.isEmpty() && !to.isEmpty() && !from.equals(to)) {
                    arrows.add(new Arrow(from, to));
                }
            }
        }
        return arrows;
    }

    private static SortedSet<String> packages() {
        return CLASSES.stream()
                .map(ArchitectureTest::feature)
                .filter(feature -> !feature.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The package below the service's root that a class is in; empty for the root itself and for everything else. */
    private static String feature(JavaClass type) {
        var name = type.getPackageName();
        return name.startsWith(SERVICE + ".")
                ? name.substring(SERVICE.length() + 1).split("\\.", 2)[0]
                : "";
    }

    private static String picture() {
        var text = new StringBuilder("""
                # The packages of bandit-service

                Drawn by `ArchitectureTest` from the compiled classes; the build fails when it is out of date. An arrow reads "uses".

                ```mermaid
                flowchart TD
                """);
        packages().forEach(name -> text.append("  ").append(name).append('\n'));
        arrows().forEach(arrow -> text.append("  ")
                .append(arrow.from())
                .append(" --> ")
                .append(arrow.to())
                .append('\n'));
        return text.append("```\n").toString();
    }

    private static List<String> join(List<String> some, List<String> others) {
        var all = new TreeSet<>(some);
        all.addAll(others);
        return List.copyOf(all);
    }
}

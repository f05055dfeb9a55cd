package dev.bandit.pipeline.obd;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.store.Archive;
import dev.bandit.pipeline.store.Bronze;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The dataset as somebody has it: a folder or a zip, with or without one folder around everything.
 *
 * @param root how deep the folder around everything is
 */
record Source(Archive archive, String root) implements AutoCloseable {

    static final String ITEMS = "item_context.csv";

    /** @throws CommandFailed if it is neither, or holds no part of the dataset */
    static Source open(Path from) {
        if (!Files.exists(from)) {
            throw new CommandFailed(from + " is not there, expected the dataset's folder or zip");
        }
        Archive archive = Archive.open(from);
        String root = archive.roots().stream()
                .filter(inside -> Part.all().stream().anyMatch(part -> archive.hasFolder(inside + part.folder())))
                .findFirst()
                .orElseThrow(() -> {
                    archive.close();
                    return new CommandFailed(
                            "%s holds no part of the dataset, expected folders such as random/men or bts/all"
                                    .formatted(from));
                });
        return new Source(archive, root);
    }

    /** The parts that are here, or should be. */
    List<Part> parts() {
        return Part.all().stream()
                .filter(part -> archive.hasFolder(root + part.folder()))
                .toList();
    }

    /**
     * The name of a part's log.
     *
     * @throws CommandFailed if it is missing
     */
    String log(Part part) {
        String plain = part.campaign() + ".csv";
        return List.of(plain, plain + ".gz").stream()
                .filter(name -> bytes(part, name).isPresent())
                .findFirst()
                .orElseThrow(
                        () -> new CommandFailed("%s is missing, and so is %s.gz".formatted(name(part, plain), plain)));
    }

    /** The size of a file, or nothing if there is none. */
    Optional<Long> bytes(Part part, String file) {
        return archive.bytes(root + part.folder() + file);
    }

    /** The files of a part. */
    Bronze.Input files(Part part) {
        return new Bronze.Input(archive, root + part.folder());
    }

    /** A file as messages call it. */
    String name(Part part, String file) {
        return archive.name(root + part.folder() + file);
    }

    @Override
    public void close() {
        archive.close();
    }
}

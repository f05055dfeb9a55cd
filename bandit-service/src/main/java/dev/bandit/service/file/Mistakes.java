package dev.bandit.service.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what is wrong, and knows where every field stands. */
final class Mistakes {

    /** More help nobody. */
    static final int MOST = 50;

    private final List<Mistake> all = new ArrayList<>();
    private final Map<String, Place> places = new HashMap<>();
    private final Set<String> told = new HashSet<>();

    /** A place in the text; both from 1. */
    record Place(int line, int column) {

        static final Place START = new Place(1, 1);
    }

    /** Notes where a field stands. */
    void place(String path, Place place) {
        places.put(path, place);
    }

    /** Where the field stands; when it is missing, what it would stand in. */
    Place placeOf(String path) {
        for (String at = path; !at.isEmpty(); at = parent(at)) {
            Place place = places.get(at);
            if (place != null) {
                return place;
            }
        }
        return Place.START;
    }

    void tell(Place place, String path, String message) {
        told.add(path);
        all.add(new Mistake(place.line(), place.column(), path, message));
    }

    /** Tells it unless the field, or what it stands in, has been told to be wrong: it would be a consequence. */
    void tell(String path, String message) {
        if (!isTold(path)) {
            tell(placeOf(path), path, message);
        }
    }

    /** What is wrong with that field from now on is a consequence of what has been told. */
    void excuse(String path) {
        told.add(path);
    }

    boolean isTold(String path) {
        for (String at = path; !at.isEmpty(); at = parent(at)) {
            if (told.contains(at)) {
                return true;
            }
        }
        return false;
    }

    boolean isToldInside(String prefix) {
        return told.stream().anyMatch(path -> path.startsWith(prefix));
    }

    boolean isFull() {
        return all.size() >= MOST;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** In the order of the file, the first {@link #MOST} of them and a word about the rest. */
    List<Mistake> sorted() {
        List<Mistake> sorted = new ArrayList<>(all);
        sorted.sort(Mistake.ORDER);
        if (sorted.size() <= MOST) {
            return sorted;
        }
        Mistake next = sorted.get(MOST);
        List<Mistake> shown = new ArrayList<>(sorted.subList(0, MOST));
        shown.add(new Mistake(
                next.line(), next.column(), "", "there are more mistakes, expected you to put right these first"));
        return shown;
    }

    /** What a field stands in: {@code tests[0].variants} for {@code tests[0].variants[1]}. */
    private static String parent(String path) {
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }
}

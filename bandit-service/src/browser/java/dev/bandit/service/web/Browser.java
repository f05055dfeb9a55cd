package dev.bandit.service.web;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The Chromium that is installed, without a window; nothing is downloaded. It remembers what pages complained of and asked for. */
final class Browser implements AutoCloseable {

    static final int PATIENCE_MS = 60_000;

    private final Playwright playwright =
            Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    private final com.microsoft.playwright.Browser chromium = playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions()
                    .setExecutablePath(executable())
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage", "--lang=en-GB")));
    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();

    /** Debian's is {@code chromium}; another is named by the environment variable {@code CHROMIUM}. */
    private static Path executable() {
        String named = System.getenv("CHROMIUM");
        if (named != null) {
            return Path.of(named);
        }
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException(
                                "The tests of the page need a Chromium: apt-get install chromium, or set CHROMIUM to its program"));
    }

    Page open(String url, int width, int height, ColorScheme colours) {
        BrowserContext context = chromium.newContext(new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(colours)
                .setTimezoneId("America/St_Johns"));
        contexts.add(context);
        context.setDefaultTimeout(PATIENCE_MS);
        context.onRequest(request -> requests.add(request.url()));
        Page page = context.newPage();
        page.onConsoleMessage(message -> note(message));
        page.onPageError(error -> complaints.add("uncaught: " + error));
        page.navigate(url);
        return page;
    }

    private void note(ConsoleMessage message) {
        if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.type() + ": " + message.text());
        }
    }

    /** What axe-core finds wrong for people who see, hear or move otherwise. */
    static List<String> barriers(Page page) {
        return new AxeBuilder(page)
                .analyze().getViolations().stream()
                        .map(rule -> rule.getImpact() + " " + rule.getId() + ": " + rule.getHelp() + " at "
                                + rule.getNodes().stream()
                                        .map(node -> node.getHtml() + " (" + node.getFailureSummary() + ")")
                                        .toList())
                        .toList();
    }

    /** Errors and warnings in the console, and uncaught exceptions, since the last call. */
    List<String> complaints() {
        List<String> all = List.copyOf(complaints);
        complaints.clear();
        return all;
    }

    /** Every URL that was asked for. */
    List<String> requests() {
        return requests;
    }

    /** Closes the pages, not the browser. */
    void tidy() {
        contexts.forEach(BrowserContext::close);
        contexts.clear();
        requests.clear();
        complaints.clear();
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }
}

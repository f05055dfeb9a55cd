package dev.bandit.service.analyze;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Rectangle;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYAreaRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Pictures of the posterior densities, one a test. */
public final class DensityPlot {

    private static final int WIDTH = 1000;
    private static final int HEIGHT = 560;
    private static final int SCALE = 2;
    private static final int POINTS = 400;

    /** How much of a posterior's mass is left outside the picture on either side. */
    private static final double TAIL = 5e-4;

    /** Okabe and Ito, "Color Universal Design" (2008): told apart with every kind of colour vision. */
    private static final List<Color> COLOURS = List.of(
            new Color(0x0072B2),
            new Color(0xE69F00),
            new Color(0x009E73),
            new Color(0xCC79A7),
            new Color(0xD55E00),
            new Color(0x56B4E9),
            new Color(0x000000),
            new Color(0xF0E442));

    private static final BasicStroke LINE = new BasicStroke(2.5f);
    /** When the colours begin again. */
    private static final BasicStroke DASHES =
            new BasicStroke(2.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {8, 5}, 0);

    private DensityPlot() {}

    /**
     * Draws one picture a test: {@code picture} itself for a single test, {@code name-<test>.png} beside it for several.
     *
     * @return the files written
     * @throws AnalysisFailed if a file cannot be written
     */
    public static List<Path> write(Analysis analysis, Path picture) {
        // For those who start it where there is no screen, and keeps it from looking for one elsewhere.
        System.setProperty("java.awt.headless", "true");
        var written = new ArrayList<Path>();
        for (var test : analysis.tests()) {
            var file = analysis.tests().size() == 1 ? picture : named(picture, test.testId());
            try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
                ChartUtils.writeScaledChartAsPNG(out, chart(test), WIDTH, HEIGHT, SCALE, SCALE);
            } catch (IOException e) {
                throw new AnalysisFailed("%s: cannot be written: %s".formatted(file, e), e);
            }
            written.add(file);
        }
        return written;
    }

    private static Path named(Path picture, String testId) {
        var name = String.valueOf(picture.getFileName()).replaceFirst("(?i)\\.png$", "");
        return picture.resolveSibling(name + "-" + testId.replaceAll("[^\\w.-]", "_") + ".png");
    }

    private static JFreeChart chart(Analysis.Test test) {
        var low = test.variants().stream()
                .mapToDouble(variant -> variant.posterior().quantile(TAIL))
                .min()
                .orElse(0);
        var high = test.variants().stream()
                .mapToDouble(variant -> variant.posterior().quantile(1 - TAIL))
                .max()
                .orElse(1);
        var curves = new XYSeriesCollection();
        for (var variant : test.variants()) {
            curves.addSeries(curve(variant, low, high));
        }
        var chart = ChartFactory.createXYLineChart(test.testId(), "success rate", "posterior density", curves);
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(8, 8, 8, 16));
        chart.getTitle().setFont(new Font(Font.SANS_SERIF, Font.BOLD, 20));
        chart.getLegend().setItemFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
        chart.getLegend().setFrame(BlockBorder.NONE);
        style(chart.getXYPlot(), curves.getSeriesCount());
        chart.getXYPlot().getDomainAxis().setRange(low, Math.max(high, Math.nextUp(low)));
        return chart;
    }

    private static XYSeries curve(Analysis.Variant variant, double low, double high) {
        var posterior = variant.posterior();
        var rates = new TreeSet<Double>();
        grid(low, high, rates);
        // A narrow posterior beside a wide one gets points of its own.
        grid(posterior.quantile(TAIL), posterior.quantile(1 - TAIL), rates);
        var curve = new XYSeries("%s: %s, 95 %% in %s to %s"
                .formatted(
                        variant.name(),
                        percent(posterior.mean()),
                        percent(variant.interval().lower()),
                        percent(variant.interval().upper())));
        for (double rate : rates) {
            double density = posterior.pdf(rate);
            // At an end of the axis a density with a parameter below 1 has no bound.
            if (Double.isFinite(density)) {
                curve.add(rate, density);
            }
        }
        return curve;
    }

    private static void grid(double low, double high, Set<Double> rates) {
        for (int i = 0; i <= POINTS; i++) {
            rates.add(Math.clamp(low + (high - low) * i / POINTS, 0, 1));
        }
    }

    private static void style(XYPlot plot, int curves) {
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(new Color(0xdddddd));
        plot.setRangeGridlinePaint(new Color(0xdddddd));
        plot.setOutlineVisible(false);
        var renderer = new XYAreaRenderer(XYAreaRenderer.AREA);
        renderer.setOutline(true);
        renderer.setLegendArea(new Rectangle(-9, -6, 18, 12));
        for (int i = 0; i < curves; i++) {
            var colour = COLOURS.get(i % COLOURS.size());
            renderer.setSeriesPaint(i, new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 0x48));
            renderer.setSeriesOutlinePaint(i, colour);
            renderer.setSeriesOutlineStroke(i, i < COLOURS.size() ? LINE : DASHES);
        }
        plot.setRenderer(renderer);
        var labels = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
        for (var axis : List.of(plot.getDomainAxis(), plot.getRangeAxis())) {
            axis.setTickLabelFont(labels);
            axis.setLabelFont(labels.deriveFont(15f));
        }
        ((NumberAxis) plot.getDomainAxis())
                .setNumberFormatOverride(new DecimalFormat("0.#### %", DecimalFormatSymbols.getInstance(Locale.ROOT)));
    }

    private static String percent(double rate) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * rate);
    }
}

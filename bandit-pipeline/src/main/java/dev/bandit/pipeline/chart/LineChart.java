package dev.bandit.pipeline.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/**
 * Lines over a common axis, each with a band where it may lie.
 *
 * @param title above the picture
 * @param subtitle below the title, smaller; may be empty
 * @param lines at least one, drawn in this order
 */
public record LineChart(String title, String subtitle, Axis x, Axis y, List<Line> lines) {

    /**
     * One of the two axes, which covers what there is to draw.
     *
     * @param name what it counts, and in which unit
     * @param logarithmic in which case values that are not above 0 are left out
     */
    public record Axis(String name, boolean logarithmic) {}

    /**
     * @param x at least one, ascending
     * @param y as many as x
     * @param lower end of the band, as many as x; y itself where there is no band
     * @param upper end of the band, as lower
     * @param reference whether it is not a result but something to compare with: thin and grey
     */
    public record Line(String name, double[] x, double[] y, double[] lower, double[] upper, boolean reference) {

        /**
         * @throws IllegalArgumentException if there is no point, or the lengths differ
         */
        public Line {
            if (x.length == 0 || y.length != x.length || lower.length != x.length || upper.length != x.length) {
                throw new IllegalArgumentException("A line must have points, and a band at each of them");
            }
        }

        /** Without a band, to compare with. */
        public static Line reference(String name, double[] x, double[] y) {
            return new Line(name, x, y, y, y, true);
        }
    }

    private static final int WIDTH = 1000;
    private static final int HEIGHT = 560;
    private static final int SCALE = 2;

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

    private static final float BAND_OPACITY = 0.25f;
    private static final Color GRID = new Color(0xdddddd);
    private static final BasicStroke LINE = new BasicStroke(2.5f);
    /** When the colours begin again. */
    private static final BasicStroke DASHES = dashes(2.5f, 8, 5);

    private static final BasicStroke THIN_DASHES = dashes(1.5f, 5, 4);
    private static final Font LABELS = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

    /**
     * @throws IllegalArgumentException if there is no line
     */
    public LineChart {
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("A chart must have a line");
        }
        lines = List.copyOf(lines);
    }

    /**
     * Draws it as a PNG of 2,000 by 1,120 pixels.
     *
     * @throws IOException as the stream says
     */
    public void write(OutputStream png) throws IOException {
        // For those who start it where there is no screen, and keeps it from looking for one elsewhere.
        System.setProperty("java.awt.headless", "true");
        ChartUtils.writeScaledChartAsPNG(png, chart(), WIDTH, HEIGHT, SCALE, SCALE);
    }

    private JFreeChart chart() {
        XYPlot plot = new XYPlot(points(), axis(x), axis(y), renderer());
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.setOutlineVisible(false);
        JFreeChart chart = new JFreeChart(title, new Font(Font.SANS_SERIF, Font.BOLD, 20), plot, true);
        if (!subtitle.isEmpty()) {
            chart.addSubtitle(0, new TextTitle(subtitle, new Font(Font.SANS_SERIF, Font.PLAIN, 14)));
        }
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(8, 8, 8, 40));
        chart.getLegend().setItemFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
        chart.getLegend().setFrame(BlockBorder.NONE);
        return chart;
    }

    private YIntervalSeriesCollection points() {
        YIntervalSeriesCollection all = new YIntervalSeriesCollection();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            // By number, so that lines of one name stay two.
            YIntervalSeries series = new YIntervalSeries(new Key(i, line.name()));
            for (int k = 0; k < line.x().length; k++) {
                double lower = y.logarithmic() && !(line.lower()[k] > 0) ? line.y()[k] : line.lower()[k];
                if (isDrawn(x, line.x()[k]) && isDrawn(y, line.y()[k])) {
                    series.add(line.x()[k], line.y()[k], lower, line.upper()[k]);
                }
            }
            all.addSeries(series);
        }
        return all;
    }

    private record Key(int number, String name) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return Integer.compare(number, other.number);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static boolean isDrawn(Axis axis, double value) {
        return Double.isFinite(value) && (!axis.logarithmic() || value > 0);
    }

    private DeviationRenderer renderer() {
        DeviationRenderer renderer = new DeviationRenderer(true, false);
        renderer.setAlpha(BAND_OPACITY);
        int results = 0;
        for (int i = 0; i < lines.size(); i++) {
            boolean reference = lines.get(i).reference();
            Color colour = reference ? Color.GRAY : COLOURS.get(results % COLOURS.size());
            renderer.setSeriesPaint(i, colour);
            renderer.setSeriesFillPaint(i, colour);
            renderer.setSeriesStroke(i, reference ? THIN_DASHES : results < COLOURS.size() ? LINE : DASHES);
            results += reference ? 0 : 1;
        }
        return renderer;
    }

    private static ValueAxis axis(Axis axis) {
        DecimalFormat numbers = new DecimalFormat("#,##0.######", DecimalFormatSymbols.getInstance(Locale.ROOT));
        ValueAxis drawn;
        if (axis.logarithmic()) {
            LogAxis log = new LogAxis(axis.name());
            log.setNumberFormatOverride(numbers);
            // Powers of ten have names, what lies between them has marks.
            log.setTickUnit(new NumberTickUnit(1));
            log.setMinorTickCount(9);
            log.setMinorTickMarksVisible(true);
            drawn = log;
        } else {
            NumberAxis linear = new NumberAxis(axis.name());
            linear.setNumberFormatOverride(numbers);
            drawn = linear;
        }
        drawn.setLowerMargin(0);
        drawn.setUpperMargin(0.01);
        drawn.setTickLabelFont(LABELS);
        drawn.setLabelFont(LABELS.deriveFont(15f));
        return drawn;
    }

    private static BasicStroke dashes(float width, float on, float off) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {on, off}, 0);
    }
}

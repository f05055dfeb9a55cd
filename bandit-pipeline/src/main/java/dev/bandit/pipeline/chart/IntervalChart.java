package dev.bandit.pipeline.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Ellipse2D;
import java.io.IOException;
import java.io.OutputStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.Range;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;
import org.jspecify.annotations.Nullable;

/**
 * Values side by side, each with the interval it may lie in, one below the other.
 *
 * @param title above the picture
 * @param subtitle below the title, smaller
 * @param axis what the values are, and in which unit
 * @param values from the top
 * @param reference a value to compare with, as a line; or nothing
 */
public record IntervalChart(
        String title,
        String subtitle,
        String axis,
        List<Value> values,
        @Nullable Reference reference) {

    /**
     * @param low end of the interval; the value itself where there is none
     * @param high the other end
     */
    public record Value(String name, double value, double low, double high) {}

    /** A value that others are compared with. */
    public record Reference(String name, double value) {}

    private static final int WIDTH = 1000;
    private static final int HEAD = 190;
    private static final int ROW = 34;
    /** A thousand would be a picture of half a gigabyte. */
    private static final int MOST = 40;

    private static final int LONGEST = 40;

    private static final int SCALE = 2;
    private static final Color COLOUR = new Color(0x0072B2);
    private static final Color GRID = new Color(0xdddddd);
    private static final BasicStroke LINE = new BasicStroke(2.5f);
    private static final Font LABELS = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

    /**
     * Draws it as a PNG, 2,000 pixels wide. Of more than 40 values only the 40 largest are drawn, the largest first, and the subtitle says so.
     *
     * @throws IOException as the stream says
     */
    public void write(OutputStream png) throws IOException {
        // For those who start it where there is no screen, and keeps it from looking for one elsewhere.
        System.setProperty("java.awt.headless", "true");
        IntervalChart drawn = fitting();
        ChartUtils.writeScaledChartAsPNG(png, drawn.chart(), WIDTH, HEAD + ROW * drawn.values.size(), SCALE, SCALE);
    }

    IntervalChart fitting() {
        if (values.size() <= MOST) {
            return this;
        }
        return new IntervalChart(
                title,
                String.format(Locale.ROOT, "%s; the %d largest of %,d", subtitle, MOST, values.size()),
                axis,
                values.stream()
                        .sorted(Comparator.comparingDouble(Value::value).reversed())
                        .limit(MOST)
                        .toList(),
                reference);
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST ? name : name.substring(0, LONGEST - 1) + "…";
    }

    JFreeChart chart() {
        XYIntervalSeries points = new XYIntervalSeries(axis);
        for (int i = 0; i < values.size(); i++) {
            Value one = values.get(i);
            points.add(one.value(), one.low(), one.high(), i, i, i);
        }
        XYIntervalSeriesCollection all = new XYIntervalSeriesCollection();
        all.addSeries(points);
        SymbolAxis names = new SymbolAxis(
                "", values.stream().map(value -> shortened(value.name())).toArray(String[]::new));
        names.setInverted(true);
        names.setGridBandsVisible(false);
        names.setTickLabelFont(LABELS.deriveFont(15f));
        NumberAxis numbers = new NumberAxis(axis);
        numbers.setAutoRangeIncludesZero(false);
        numbers.setNumberFormatOverride(
                new DecimalFormat("#,##0.######", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        numbers.setTickLabelFont(LABELS);
        numbers.setLabelFont(LABELS.deriveFont(15f));
        XYErrorRenderer renderer = renderer();
        XYPlot plot = new XYPlot(all, numbers, names, renderer);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinesVisible(false);
        plot.setOutlineVisible(false);
        if (reference != null) {
            // By itself the axis covers the intervals only.
            Range covered = Range.expandToInclude(renderer.findDomainBounds(all), reference.value());
            if (covered.getLength() > 0) {
                numbers.setRangeWithMargins(covered);
            }
            plot.addDomainMarker(marker(reference, reference.value() > covered.getCentralValue()));
        }
        JFreeChart chart = new JFreeChart(title, new Font(Font.SANS_SERIF, Font.BOLD, 20), plot, false);
        chart.addSubtitle(0, new TextTitle(subtitle, new Font(Font.SANS_SERIF, Font.PLAIN, 14)));
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(8, 8, 8, 40));
        return chart;
    }

    private static XYErrorRenderer renderer() {
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawYError(false);
        renderer.setCapLength(8);
        renderer.setErrorPaint(COLOUR);
        renderer.setErrorStroke(LINE);
        renderer.setSeriesPaint(0, COLOUR);
        renderer.setSeriesShape(0, new Ellipse2D.Double(-5, -5, 10, 10));
        return renderer;
    }

    /** @param leftwards where its name has room */
    private static ValueMarker marker(Reference reference, boolean leftwards) {
        ValueMarker marker = new ValueMarker(reference.value());
        marker.setPaint(Color.GRAY);
        marker.setStroke(new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {5, 4}, 0));
        marker.setLabel(reference.name());
        marker.setLabelFont(LABELS);
        marker.setLabelBackgroundColor(new Color(0, 0, 0, 0));
        marker.setLabelPaint(Color.DARK_GRAY);
        marker.setLabelAnchor(leftwards ? RectangleAnchor.TOP_LEFT : RectangleAnchor.TOP_RIGHT);
        marker.setLabelTextAnchor(leftwards ? TextAnchor.TOP_RIGHT : TextAnchor.TOP_LEFT);
        return marker;
    }
}

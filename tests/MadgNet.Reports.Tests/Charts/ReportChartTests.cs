using System.Globalization;
using System.Xml.Linq;
using MadgNet.Reports.Charts;

namespace MadgNet.Reports.Tests.Charts;

public sealed class ReportChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string, ReportChart> All => new()
    {
        { "line", new LineChart().Add("a", [1, 2, 3], [3, 1, 2]) },
        { "line, empty", new LineChart() },
        { "line, no number", new LineChart().Add("a", [1, 2], [double.NaN, double.PositiveInfinity]) },
        { "line, constant", new LineChart().Add("a", [1, 2], [5, 5]) },
        {
            "line, logarithmic with zero",
            new LineChart { LogarithmicX = true, LogarithmicY = true }.Add("a", [0, 1e-6, 1], [0, 1e-9, 1e9])
        },
        { "line, one point", new LineChart().Add("a", [7], [0]) },
        { "line, huge", new LineChart().Add("a", [1, 2], [-1e300, 1e300]) },
        { "scatter", new ScatterChart { Diagonal = true }.Add("a", [1, double.NaN], [1, 1]) },
        { "bars", new BarChart().Add("a", -0.5, (-0.6, -0.4)).Add("b", 0.5).Add("c", double.NaN) },
        { "bars, empty", new BarChart() },
        { "forest", new ForestChart().Add("a", 0.1, (-0.1, 0.3), clear: true, group: "x").Add("b", double.NaN, null, group: "y") },
        { "forest, empty", new ForestChart() },
        { "forest, zero", new ForestChart().Add("a", 0, (double.NaN, double.NaN)) },
        { "matrix", new MatrixChart(["a", "b"]).Add("x", [0.5, double.NaN], [true, false]).Add("y", [-1, 2]) },
        { "matrix, empty", new MatrixChart([]) },
        { "histogram", new HistogramChart([0, 0.5, 1, double.NaN]) },
        { "histogram, empty", new HistogramChart([]) },
        { "histogram, one value", new HistogramChart([3]) },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Every_chart_is_well_formed_and_all_its_places_are_numbers(string name, ReportChart chart)
    {
        XElement svg = XElement.Parse(chart.ToSvg(name));
        Assert.Equal(Svg + "svg", svg.Name);
        foreach (XAttribute attribute in svg.Descendants().Attributes()
            .Where(attribute => attribute.Name.LocalName is "x" or "y" or "x1" or "x2" or "y1" or "y2" or "cx" or "cy" or "width"
                or "height"))
        {
            double place = double.Parse(attribute.Value, CultureInfo.InvariantCulture);
            Assert.True(double.IsFinite(place) && Math.Abs(place) < 2000, $"{name}: {attribute}");
        }
    }

    [Fact]
    public void Points_lie_where_the_axes_say()
    {
        XElement svg = XElement.Parse(new LineChart { YRange = (0, 1) }.Add("a", [0, 5, 10], [0, 0.5, 1]).ToSvg("a"));
        (double X, double Y)[] points = [.. svg.Descendants(Svg + "circle")
            .Select(circle => ((double)circle.Attribute("cx")!, (double)circle.Attribute("cy")!))];
        Assert.Equal((points[0].X + points[2].X) / 2, points[1].X, 0.11);
        Assert.Equal((points[0].Y + points[2].Y) / 2, points[1].Y, 0.11);
        Assert.True(points[2].Y < points[0].Y, "larger values are higher");
        Assert.True(points[2].X > points[0].X);
    }

    [Fact]
    public void A_value_that_is_no_number_breaks_the_line()
    {
        XElement svg = XElement.Parse(new LineChart().Add("a", [1, 2, 3, 4], [1, 2, double.NaN, 3]).ToSvg("a"));
        string path = svg.Descendants(Svg + "path").Single().Attribute("d")!.Value;
        Assert.Equal(2, path.Count(letter => letter == 'M'));
        Assert.Equal(1, path.Count(letter => letter == 'L'));
    }

    [Fact]
    public void Equal_ratios_are_equally_long_on_a_logarithmic_axis()
    {
        XElement svg = XElement.Parse(new LineChart { LogarithmicX = true }.Add("a", [1e-4, 1e-3, 1e-2], [1, 2, 3]).ToSvg("a"));
        double[] x = [.. svg.Descendants(Svg + "circle").Select(circle => (double)circle.Attribute("cx")!)];
        Assert.Equal(x[1] - x[0], x[2] - x[1], 0.2);
    }

    [Fact]
    public void A_histogram_counts_every_value_once()
    {
        XElement svg = XElement.Parse(new HistogramChart([0, 0.1, 0.5, 0.99, 1], 2) { XRange = (0, 1) }.ToSvg("a"));
        Assert.Equal(
            ["0 to 0.5: 2", "0.5 to 1: 3"], svg.Descendants(Svg + "rect").Select(bar => bar.Element(Svg + "title")!.Value));
    }

    [Fact]
    public void A_forest_has_no_difference_in_its_middle_and_stars_what_is_clear()
    {
        XElement svg = XElement.Parse(new ForestChart().Add("a", -0.2).Add("b", 0, clear: true).Add("c", 0.2).ToSvg("a"));
        double[] x = [.. svg.Descendants(Svg + "circle").Select(circle => (double)circle.Attribute("cx")!)];
        Assert.Equal((x[0] + x[2]) / 2, x[1], 0.11);
        Assert.Single(svg.Descendants(Svg + "text"), text => text.Value.EndsWith(" *", StringComparison.Ordinal));
    }

    [Fact]
    public void A_matrix_is_darker_where_values_are_higher_and_frames_what_is_marked()
    {
        XElement svg = XElement.Parse(new MatrixChart(["a", "b"]).Add("x", [0.1, 0.9], [false, true]).ToSvg("a"));
        int[] green = [.. svg.Descendants(Svg + "rect")
            .Select(field => int.Parse(field.Attribute("fill")!.Value[3..5], NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        Assert.True(green[1] < green[0]);
        Assert.Single(svg.Descendants(Svg + "path"));
        Assert.Throws<ArgumentException>(() => new MatrixChart(["a"]).Add("x", [1, 2]));
    }

    [Fact]
    public void Values_without_places_are_refused() => Assert.Throws<ArgumentException>(() => new LineChart().Add("a", [1], [1, 2]));
}

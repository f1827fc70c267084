namespace MadgNet.Core.Tests.Foundation;

public sealed class ReportTableTests
{
    private const string Hostile = "<script>alert(1)</script> | \"a\", & 50% of_$x\\{}#~^\n<b>";

    [Fact]
    public void Markdown_aligns_numbers_to_the_right_and_rounds_them()
    {
        var table = new ReportTable("caption", ReportColumn.Text("name"), ReportColumn.Number("Dice"), ReportColumn.Interval("interval"));
        table.Add("a", ReportCell.Number(0.123456), ReportCell.Interval(0.1, 0.25)).Add(
            "b", ReportCell.Number(double.NaN), ReportCell.Interval(double.NaN, double.NaN));
        Assert.Equal(
            "| name | Dice | interval |\n|---|---:|---:|\n| a | 0.1235 | 0.1000 to 0.2500 |\n| b | – | – |\n", table.ToMarkdown());
    }

    [Fact]
    public void Csv_keeps_every_digit_and_gives_an_interval_two_fields()
    {
        var table = new ReportTable(null, ReportColumn.Text("name"), ReportColumn.Number("p"), ReportColumn.Interval("interval"));
        table.Add("a", ReportCell.PValue(1.25e-7), ReportCell.Interval(1.0 / 3, double.NaN));
        Assert.Equal("name,p,interval lower,interval upper\r\na,1.25E-07,0.3333333333333333,\r\n", table.ToCsv());
    }

    [Theory]
    [InlineData(0, "< 0.0001")]
    [InlineData(0.00009999, "< 0.0001")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.05, "0.0500")]
    [InlineData(double.NaN, "–")]
    public void Small_p_values_are_bounded_in_every_form_for_people(double value, string expected)
    {
        var table = new ReportTable(null, ReportColumn.Number("p"));
        table.Add(ReportCell.PValue(value));
        Assert.Contains($"| {expected} |", table.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains(
            $"\n{expected.Replace("<", "$<$", StringComparison.Ordinal).Replace("–", "--", StringComparison.Ordinal)} \\\\",
            table.ToLatex(),
            StringComparison.Ordinal);
        Assert.Contains($">{expected.Replace("<", "&lt;", StringComparison.Ordinal)}</td>", table.ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_texts_stay_one_cell_in_markdown()
    {
        string[] lines = Table().ToMarkdown().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal(4, lines[2].Replace("\\|", "", StringComparison.Ordinal).Split('|').Length);
        Assert.DoesNotContain("<script", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_texts_stay_one_field_in_csv() =>
        Assert.Equal(
            $"\"{Hostile.Replace("\"", "\"\"", StringComparison.Ordinal)}\",n\r\n\"{Hostile.Replace("\"", "\"\"", StringComparison.Ordinal)}\",1\r\n",
            Table().ToCsv());

    [Fact]
    public void Hostile_texts_are_no_commands_in_latex()
    {
        string latex = Table().ToLatex("tab:a-1");
        Assert.Contains(
            "$<$script$>$alert(1)$<$/script$>$ \\textbar{} \"a\", \\& 50\\% of\\_\\$x\\textbackslash{}\\{\\}\\#\\textasciitilde{}"
                + "\\textasciicircum{} $<$b$>$ & 1 \\\\",
            latex,
            StringComparison.Ordinal);
        Assert.Contains("\\begin{tabular}{lr}\n\\toprule\n", latex, StringComparison.Ordinal);
        Assert.Contains("\\label{tab:a-1}\n", latex, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_texts_are_no_elements_in_html()
    {
        string html = Table().ToHtml();
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.Contains("<caption>&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains("<td class=\"number\" data-sort=\"1\">1</td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ReportTable(null, "a", "b").Add("only one"));

    [Fact]
    public void A_number_in_a_column_of_intervals_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ReportTable(null, ReportColumn.Interval("i")).Add(ReportCell.Number(1)));

    [Fact]
    public void A_table_without_columns_is_refused() => Assert.Throws<ArgumentException>(() => new ReportTable("empty"));

    [Fact]
    public void A_label_that_latex_cannot_take_is_refused() => Assert.Throws<ArgumentException>(() => Table().ToLatex("a}b"));

    private static ReportTable Table() =>
        new ReportTable(Hostile, ReportColumn.Text(Hostile), ReportColumn.Number("n")).Add(Hostile, 1);
}

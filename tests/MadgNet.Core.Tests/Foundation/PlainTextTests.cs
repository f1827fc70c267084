using MadgNet.Core.Data;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Foundation;

public sealed class PlainTextTests
{
    [Fact]
    public void A_message_is_one_line_whatever_a_file_is_called()
    {
        var problem = new Problem("a\u001b[2J\nerror: fake.png", "\u202egnp.exe", "x\u0085y", "Go");
        string message = problem.ToString();
        Assert.DoesNotContain(message, char.IsControl);
        Assert.Contains("a\\u001B[2J\\u000Aerror: fake.png: received \\u202Egnp.exe", message, StringComparison.Ordinal);
        Assert.Equal("plain, \u00fc\u4e2d \U0001F600", PlainText.Line("plain, \u00fc\u4e2d \U0001F600"));
        Assert.Equal("two\nlines\\u0007", PlainText.Lines("two\nlines\a"));
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-x", "'-x")]
    [InlineData("@sum", "'@sum")]
    [InlineData("\tx", "'\tx")]
    [InlineData("\rx", "'\rx")]
    [InlineData("'=x", "''=x")]
    [InlineData("'x", "'x")]
    [InlineData("a=b", "a=b")]
    [InlineData("", "")]
    public void A_cell_is_no_formula_and_gives_its_text_back(string text, string cell)
    {
        Assert.Equal(cell, PlainText.ToCell(text));
        Assert.Equal(text, PlainText.FromCell(cell));
    }

    [Fact]
    public void Any_text_of_these_signs_comes_back_from_a_cell()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 5000; trial++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => "'=+-@\t\ra"[random.Next(8)]));
            string cell = PlainText.ToCell(text);
            Assert.Equal(text, PlainText.FromCell(cell));
            Assert.False(cell.Length > 0 && "=+-@\t\r".Contains(cell[0], StringComparison.Ordinal), text);
        }
    }

    [Fact]
    public void A_split_of_names_like_formulas_is_read_back_and_opens_as_text()
    {
        using var folder = new TemporaryFolder();
        var split = new DatasetSplit([("train", ["=cmd()", "'=x", "plain"]), ("-test", ["+1", "@a"])]);
        split.Save(folder.File("split.csv"));
        Assert.DoesNotContain(
            File.ReadLines(folder.File("split.csv")), line => line.Split(',').Any(cell => cell[0] is '=' or '+' or '-' or '@'));
        var loaded = DatasetSplit.Load(folder.File("split.csv"));
        Assert.Equal(split.Parts, loaded.Parts);
        Assert.All(split.Parts, part => Assert.Equal(split.NamesOf(part), loaded.NamesOf(part)));
    }

    [Fact]
    public void Names_are_no_Markdown()
    {
        Assert.Equal(
            "\\[x\\](http://e) \\<b\\> a_b \\_c\\_ \\`d\\` \\| \\\\u000A",
            PlainText.ToMarkdown("[x](http://e) <b> a_b _c_ `d` | \n"));
    }
}

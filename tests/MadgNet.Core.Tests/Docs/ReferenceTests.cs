using System.Reflection;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Docs;

/// <summary>The reference pages know every public loss and metric, and name nothing that is not there.</summary>
public class ReferenceTests
{
    public static TheoryData<string> Losses =>
    [
        .. typeof(SegmentationLoss).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(SegmentationLoss)) || type == typeof(DeepSupervisionLoss)))
            .Select(type => type.Name),
    ];

    public static TheoryData<string> Metrics =>
    [
        .. typeof(Metric).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(property => property.PropertyType == typeof(Metric))
            .Select(property => property.Name),
    ];

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_loss_has_a_row_with_its_formula_and_its_source(string name)
    {
        string[] cells = Row("losses.md", name);

        Assert.True(cells.Length >= 3, $"{name} has {cells.Length} cells.");
        Assert.All(cells[1..3], cell => Assert.NotEmpty(cell));
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void A_metric_has_a_row_with_what_it_is(string name)
    {
        string[] cells = Row("metrics.md", name);

        Assert.True(cells.Length >= 2, $"{name} has {cells.Length} cells.");
        Assert.NotEmpty(cells[1]);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Every_loss_says_when_to_use_it(string name) => Assert.Contains($"| `{name}` | ", UseTable(), StringComparison.Ordinal);

    private static string UseTable()
    {
        string page = Page("losses.md");
        int start = page.IndexOf("## When to use each", StringComparison.Ordinal);
        Assert.True(start >= 0, "docs/reference/losses.md has lost its heading 'When to use each'.");
        int end = page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return page[start..(end < 0 ? page.Length : end)];
    }

    // The first row whose first cell is the name.
    private static string[] Row(string page, string name)
    {
        string? row = Page(page).Split('\n').FirstOrDefault(line => line.StartsWith($"| `{name}`", StringComparison.Ordinal));
        Assert.True(row is not null, $"docs/reference/{page} has no row that begins with `{name}`.");
        return [.. row!.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
    }

    private static string Page(string name)
    {
        string? root = RepositoryFolder.Find();
        Assert.SkipWhen(root is null, "needs the repository's folder, and the tests run outside it");
        return File.ReadAllText(Path.Combine(root!, "docs", "reference", name)).ReplaceLineEndings("\n");
    }
}

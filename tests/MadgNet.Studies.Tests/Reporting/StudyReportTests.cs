using MadgNet.Studies.Cells;
using MadgNet.Studies.Reporting;
using MadgNet.Studies.Tests.Support;

namespace MadgNet.Studies.Tests.Reporting;

public sealed class StudyReportTests
{
    [Fact]
    public void Studies_without_any_effect_raise_a_false_alarm_in_about_5_of_100()
    {
        // Four variants on seen and unseen sets: six comparisons a study, corrected together. 400 studies: a standard error of 1.1 %.
        Study study = SimulatedStudy.Create(variants: 4, seeds: 3);
        var normal = new Normal(5);
        int alarmed = 0;
        const int studies = 400;
        for (int i = 0; i < studies; i++)
        {
            StudyReport report = StudyReport.Create(study, SimulatedStudy.Draw(study, normal, 30, [0, 0, 0, 0]));
            alarmed += report.Comparisons.Any(comparison => comparison.IsClear) ? 1 : 0;
        }

        Assert.InRange(alarmed / (double)studies, 0, 0.08);
    }

    [Fact]
    public void A_large_effect_is_found_and_named_in_its_direction()
    {
        Study study = SimulatedStudy.Create(variants: 3, seeds: 4);
        StudyReport report = StudyReport.Create(study, SimulatedStudy.Draw(study, new Normal(2), 60, [0, 0.3, -0.3], seedDeviation: 0.01));
        Assert.All(report.Comparisons, comparison => Assert.True(comparison.IsClear, comparison.Verdict()));
        Assert.All(
            report.Comparisons,
            comparison => Assert.StartsWith(
                comparison.Variant.Name == "v1" ? "better by" : "worse by", comparison.Verdict(), StringComparison.Ordinal));
        Assert.All(report.Comparisons, comparison => Assert.Equal(0.3, Math.Abs(comparison.Difference.Mean), 0.05));
        Assert.Contains("**Told from noise in Dice:** v1 is better by", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_effect_is_called_noise_with_the_seeds_that_it_needs()
    {
        Study study = SimulatedStudy.Create(variants: 2, seeds: 3);
        StudyReport report = StudyReport.Create(study, SimulatedStudy.Draw(study, new Normal(9), 80, [0, 0.005], seedDeviation: 0.05));
        Assert.All(report.Comparisons, comparison => Assert.False(comparison.IsClear));
        Assert.Contains("**No difference in Dice can be told from noise.**", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains(report.Comparisons, comparison => comparison.Verdict().Contains("would need about", StringComparison.Ordinal));
    }

    [Fact]
    public void The_order_of_cells_does_not_change_a_byte()
    {
        Study study = SimulatedStudy.Create(variants: 3, seeds: 3);
        List<StudyCell> cells = SimulatedStudy.Draw(study, new Normal(1), 10, [0, 0.1, 0.2]);
        Study reordered = study with { Seeds = [2, 0, 1] };
        StudyReport one = StudyReport.Create(study, cells);
        StudyReport other = StudyReport.Create(reordered, [.. cells.AsEnumerable().Reverse()]);
        Assert.Equal(one.ToMarkdown(), other.ToMarkdown());
        Assert.Equal(one.ToJson(), other.ToJson());
        Assert.Equal(one.ToCsv(), other.ToCsv());
        Assert.Equal(one.ToLatex(), other.ToLatex());
    }

    [Fact]
    public void There_is_one_row_a_variant()
    {
        Study study = SimulatedStudy.Create(variants: 4, seeds: 2);
        string markdown = StudyReport.Create(study, SimulatedStudy.Draw(study, new Normal(1), 5, [0, 0, 0, 0])).ToMarkdown();
        string table = markdown[markdown.IndexOf("## What the variants reached", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("Each value", StringComparison.Ordinal)];
        Assert.Equal(
            ["v0 (baseline)", "v1", "v2", "v3"],
            table.Split('\n')
                .Where(line => line.StartsWith("| v", StringComparison.Ordinal) && !line.StartsWith("| variant", StringComparison.Ordinal))
                .Select(line => line.Split('|')[1].Trim()));
    }

    [Fact]
    public void Cells_that_failed_or_are_missing_are_named()
    {
        Study study = SimulatedStudy.Create(variants: 3, seeds: 2);
        List<StudyCell> cells = SimulatedStudy.Draw(study, new Normal(1), 5, [0, 0, 0]);
        cells.RemoveAll(cell => cell.Key.Variant == "v2");
        cells[1] = cells[1] with { Status = CellStatus.Failed, Error = "the loss | is not finite", Sets = [] };
        StudyReport report = StudyReport.Create(study, cells);
        Assert.Equal([new StudyCellKey("v2", 0), new StudyCellKey("v2", 1)], report.Missing);
        string markdown = report.ToMarkdown();
        Assert.Contains("**Not run yet:** v2, seed 0; v2, seed 1.", markdown, StringComparison.Ordinal);
        Assert.Contains("the loss \\| is not finite", markdown, StringComparison.Ordinal);
        Assert.Contains("one seed: what other seeds would give is not known", markdown, StringComparison.Ordinal);
        Assert.Contains("nothing to compare yet", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Cells_of_other_settings_or_images_are_refused_all_at_once()
    {
        Study study = SimulatedStudy.Create(variants: 2, seeds: 2);
        List<StudyCell> cells = SimulatedStudy.Draw(study, new Normal(1), 5, [0, 0]);
        cells[0] = cells[0] with { Fingerprint = "other" };
        cells[1] = cells[1] with { Data = "other" };
        StudyException exception = Assert.Throws<StudyException>(() => StudyReport.Create(study, cells));
        Assert.Contains(exception.Problems, problem => problem.Received.Contains("other settings", StringComparison.Ordinal));
        Assert.Contains(exception.Problems, problem => problem.Received.Contains("different images", StringComparison.Ordinal));
    }

    [Fact]
    public void One_cell_with_two_results_is_refused_and_with_two_costs_it_is_not()
    {
        Study study = SimulatedStudy.Create(variants: 2, seeds: 2);
        List<StudyCell> cells = SimulatedStudy.Draw(study, new Normal(1), 5, [0, 0]);
        cells.Add(cells[0] with { Cost = new CellCost(9, 9, 9, 9, "another machine") });
        Assert.Equal(4, StudyReport.Create(study, cells).Cells.Count);
        cells.Add(cells[0] with { Steps = 2 });
        Assert.Throws<StudyException>(() => StudyReport.Create(study, cells));
    }

    [Fact]
    public void Noise_is_told_from_pairs_of_seeds()
    {
        Study study = SimulatedStudy.Create(variants: 1, seeds: 8);
        string markdown = StudyReport.Create(study, SimulatedStudy.Draw(study, new Normal(4), 30, [0])).ToMarkdown();
        Assert.Contains("## How much is noise", markdown, StringComparison.Ordinal);
        Assert.Contains("| seen | 4 |", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("Differences from", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_are_vector_pictures_that_escape_what_users_name()
    {
        Study study = SimulatedStudy.Create(variants: 2, seeds: 2);
        study = study with { Variants = [study.Variants[0], study.Variants[1] with { Title = "<b> & more" }] };
        using var folder = new MadgNet.Core.Tests.Support.TemporaryFolder();
        StudyReport.Create(study, SimulatedStudy.Draw(study, new Normal(1), 5, [0, 0.1])).Save(folder.Root);
        Assert.Equal(
            ["cost.csv", "cost.md", "curves.svg", "forest.svg", "matrix.svg", "report.csv", "report.json", "report.md", "report.tex"],
            folder.Files);
        foreach (string name in folder.Files.Where(name => name.EndsWith(".svg", StringComparison.Ordinal)))
        {
            var picture = System.Xml.Linq.XDocument.Load(Path.Combine(folder.Root, name));
            Assert.Equal("svg", picture.Root!.Name.LocalName);
            Assert.Contains("<b> & more", picture.Root.Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_cell_is_read_as_it_was_written()
    {
        Study study = SimulatedStudy.Create(variants: 2, seeds: 1);
        StudyCell cell = SimulatedStudy.Draw(study, new Normal(1), 3, [0, 0])[0] with
        {
            Attention =
            [
                new CellAttention { Path = "a", Alpha = 1, Beta = 0.5, Mean = 0.25, Deviation = 0.125, Saturated = 0 },
                new CellAttention { Path = "b", Mean = 0.5, Frequencies = ["0,0", "0,1"], FrequencyShares = [0.75, 0.25] },
            ],
        };
        using var folder = new MadgNet.Core.Tests.Support.TemporaryFolder();
        string path = folder.File("cell.json");
        cell.Save(path);
        byte[] first = File.ReadAllBytes(path);
        StudyCell read = StudyCell.Load(path);
        read.Save(path);
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Equal(cell.Key, read.Key);
        Assert.Equal(cell.Sets[0].Values["Dice"][1], read.Sets[0].Values["Dice"][1], 6);
        Assert.Equal(["0,0", "0,1"], read.Attention[1].Frequencies);
    }

    [Theory]
    [InlineData("{}", "schema")]
    [InlineData("[1]", "an object")]
    [InlineData("{\"schema\":\"madgnet-study-cell\",\"version\":2}", "version 1")]
    [InlineData("{\"schema\":\"madgnet-study-cell\",\"version\":1,\"status\":\"done\"}", "curve")]
    [InlineData("not json", "no JSON")]
    public void A_file_that_is_no_cell_says_what_is_missing(string content, string expected)
    {
        using var folder = new MadgNet.Core.Tests.Support.TemporaryFolder();
        string path = folder.Write("cell.json", System.Text.Encoding.UTF8.GetBytes(content));
        StudyException exception = Assert.Throws<StudyException>(() => StudyCell.Load(path));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }
}

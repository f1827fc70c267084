using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class GeneralizationTableTests
{
    [Fact]
    public void The_drop_is_taken_from_the_mean_of_the_seen_sets()
    {
        EvaluationReport[] seen = [Evaluate("ClinicDB", 0.3), Evaluate("Kvasir", 0.5)];
        EvaluationReport unseen = Evaluate("ETIS", 0.9);
        GeneralizationTable table = GeneralizationTable.Create(seen, [unseen], [Metric.Dice, Metric.MeanAbsoluteError], label: 1);
        double reference = seen.Average(report => report.Summarize(Metric.Dice, 1).Mean);
        Assert.Equal(reference - unseen.Summarize(Metric.Dice, 1).Mean, table.Rows[2].Drops[0], 1e-12);
        Assert.True(table.Rows[2].Drops[0] > 0 && table.Rows[2].Drops[1] > 0, "worse is above zero, for errors too");
        Assert.Equal([true, true, false], table.Rows.Select(row => row.IsSeen));
    }

    [Fact]
    public void Reports_under_different_settings_are_refused()
    {
        EvaluationReport network = new Evaluator(new EvaluatorOptions
        {
            SetName = "network",
            NetworkSize = (24, 24)
        }).Run(EvaluationCases.Make(2));
        var exception = Assert.Throws<EvaluationException>(() => GeneralizationTable.Create([Evaluate("a", 0.3)], [network]));
        Assert.Contains("resolution: native and network, 24×24", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_that_occurs_twice_is_refused() =>
        Assert.Throws<EvaluationException>(() => GeneralizationTable.Create([Evaluate("a", 0.3)], [Evaluate("a", 0.3)]));

    [Fact]
    public void A_table_needs_an_unseen_set() =>
        Assert.Throws<EvaluationException>(() => GeneralizationTable.Create([Evaluate("a", 0.3)], []));

    [Fact]
    public void Text_forms_hold_every_set()
    {
        GeneralizationTable table = GeneralizationTable.Create([Evaluate("a|b", 0.3)], [Evaluate("c,d", 0.6)]);
        Assert.Contains("| a\\|b | seen | 4 |", table.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("\"c,d\",false,4,Dice,", table.ToCsv(), StringComparison.Ordinal);
    }

    private static EvaluationReport Evaluate(string set, double noise) =>
        new Evaluator(new EvaluatorOptions { SetName = set }).Run(EvaluationCases.Make(4, noise));
}

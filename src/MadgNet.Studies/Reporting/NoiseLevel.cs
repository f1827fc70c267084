using MadgNet.Studies.Cells;
using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>The baseline against itself: the same training from two seeds, pair by pair, in the metric that a study is decided
/// by.</summary>
/// <param name="Scope">Seen or unseen sets.</param>
/// <param name="Pairs">How many pairs of seeds there are.</param>
/// <param name="SeedDeviation">The standard deviation of the score over the seeds.</param>
/// <param name="LargestDifference">The largest difference of a pair.</param>
/// <param name="Detectable3">The smallest difference that three seeds tell from noise with a chance of 80 %.</param>
/// <param name="Detectable5">The same of five.</param>
/// <param name="Detectable10">The same of ten.</param>
internal sealed record NoiseLevel(
    StudyScope Scope,
    int Pairs,
    double SeedDeviation,
    double LargestDifference,
    double Detectable3,
    double Detectable5,
    double Detectable10)
{
    /// <summary>The levels on seen and unseen sets; none where the baseline has fewer than four seeds.</summary>
    public static IReadOnlyList<NoiseLevel> Of(StudyReport report)
    {
        string metric = report.Study.Metrics[0];
        StudyCell[] done = [.. report.DoneOf(StudyTables.Baseline(report)).OrderBy(cell => cell.Key.Seed)];
        if (done.Length < 4)
        {
            return [];
        }

        StudyCell[][] pairs = [.. done.Chunk(2).Where(pair => pair.Length == 2)];
        return [.. StudyTables.Scopes(report).Select(scope =>
        {
            CrossedDifference difference = CrossedDifference.Of(ReportCells.Differences([.. pairs.Select(pair => (
                ReportCells.Values(pair[0], scope, metric), ReportCells.Values(pair[1], scope, metric)))]));
            SeedMean score = report.ScoreOf(StudyTables.Baseline(report), scope, metric)!.Score;
            double[] scores = [.. done.Select(cell =>
                ReportCells.Values(cell, scope, metric).Values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average())];
            return new NoiseLevel(
                scope,
                pairs.Length,
                score.Deviation,
                scores.Chunk(2).Where(pair => pair.Length == 2).Max(pair => Math.Abs(pair[1] - pair[0])),
                difference.Detectable(3),
                difference.Detectable(5),
                difference.Detectable(10));
        })];
    }
}

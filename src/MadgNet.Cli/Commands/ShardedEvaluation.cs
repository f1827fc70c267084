using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Commands;

/// <summary>
/// Evaluates one shard of a set into a file beside the report's, saves it as it goes, and goes on where an earlier run of the
/// same shard ended.
/// </summary>
internal static class ShardedEvaluation
{
    /// <summary>The cases between two savings: what a crash can cost.</summary>
    private const int CasesOfAPart = 16;

    /// <summary>The file of a shard: <c>report.03-of-16.json</c> for <c>report.json</c>.</summary>
    public static string PathOf(string report, Shard shard) => Path.Combine(
        Path.GetDirectoryName(report)!, $"{Path.GetFileNameWithoutExtension(report)}.{shard.FileSuffix}{Path.GetExtension(report)}");

    /// <summary>Measures what of the shard is not measured yet.</summary>
    /// <param name="evaluator">What measures.</param>
    /// <param name="shard">The part of the set.</param>
    /// <param name="names">The names of the whole set.</param>
    /// <param name="load">Reads and predicts a case by its place in the set; null where it cannot be read, which is told.</param>
    /// <param name="path">The shard's file.</param>
    /// <param name="output">Where it is told.</param>
    /// <param name="cancellation">Ends the work; what is measured is saved.</param>
    public static void Run(
        Evaluator evaluator,
        Shard shard,
        IReadOnlyList<string> names,
        Func<int, EvaluationCase?> load,
        string path,
        CommandOutput output,
        CancellationToken cancellation)
    {
        EvaluationShard? measured = File.Exists(path) ? EvaluationShard.LoadJson(path) : null;
        HashSet<string> done = [.. measured?.CaseNames ?? []];
        int[] left = [.. shard.Of([.. Enumerable.Range(0, names.Count)]).Where(index => !done.Contains(names[index]))];
        int before = done.Count;
        if (before > 0)
        {
            output.Note($"Shard {shard}: {before} cases were measured before, {left.Length} are left.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        measured = WorkProgress.Show(output, "evaluated", before + left.Length, progress =>
        {
            // Also where nothing is left: what was measured before has to be of this set and these options.
            int next = 0;
            do
            {
                int[] part = left[next..Math.Min(next + CasesOfAPart, left.Length)];
                next += part.Length;
                measured = evaluator.EvaluateShard(
                    shard,
                    names,
                    part.Select(load).OfType<EvaluationCase>(),
                    measured,
                    isComplete: next >= left.Length,
                    progress,
                    cancellation);
                measured.SaveJson(path);
            }
            while (next < left.Length);
            return measured;
        });
        output.Line($"Shard {shard}: {measured.CaseNames.Count} of {measured.Total} cases in {path}");
        output.Result["shard"] = shard.ToString();
        output.Result["cases"] = measured.CaseNames.Count;
        output.Result["report"] = path;
    }
}

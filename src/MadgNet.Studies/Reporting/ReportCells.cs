using MadgNet.Studies.Cells;
using MadgNet.Studies.Running;

namespace MadgNet.Studies.Reporting;

/// <summary>Puts cells in order and pairs them.</summary>
internal static class ReportCells
{
    /// <summary>Study and cells of folders.</summary>
    /// <exception cref="StudyException">A folder holds no study, or they do not fit each other; lists all problems.</exception>
    public static (Study Study, IReadOnlyList<StudyCell> Cells) Load(IReadOnlyList<string> folders)
    {
        var problems = new List<Problem>();
        var studies = new List<(Study Study, StudyFolder Folder)>();
        foreach (string path in folders)
        {
            var folder = new StudyFolder(path);
            if (folder.FindStudy() is { } study)
            {
                studies.Add((study, folder));
            }
            else
            {
                problems.Add(new Problem(
                    path,
                    Directory.Exists(path) ? $"a folder without {StudyFolder.StudyName}" : "no such folder",
                    "a folder that 'madgnet study run' (StudyRunner) has filled",
                    "Check the path"));
            }
        }

        if (folders.Count == 0)
        {
            problems.Add(new Problem("folders", "none", "at least one folder of results", "Name the folder that the study was run into"));
        }

        problems.AddRange(studies.Skip(1).SelectMany(other => Differences(studies[0].Study, other.Study, other.Folder.Root)));
        StudyException.ThrowIfAny("results", problems);
        Study first = studies[0].Study;
        Study together = first with
        {
            Variants = [.. studies.SelectMany(other => other.Study.Variants).DistinctBy(variant => variant.Name)],
            Seeds = [.. studies.SelectMany(other => other.Study.Seeds).Distinct().Order()],
        };
        return (together, [.. studies.SelectMany(other => together.Cells.Select(key => other.Folder.Find(key)).OfType<StudyCell>())]);
    }

    /// <summary>The cells in the study's order, each once.</summary>
    /// <exception cref="StudyException">Cells do not fit study or each other; lists all problems.</exception>
    public static StudyCell[] Ordered(Study study, IReadOnlyList<StudyCell> cells)
    {
        var problems = new List<Problem>();
        var ordered = new List<StudyCell>();
        HashSet<StudyCellKey> keys = [.. study.Cells];
        Dictionary<string, string> fingerprints = study.Variants.ToDictionary(
            variant => variant.Name, variant => StudyFingerprint.Of(study, variant), StringComparer.Ordinal);
        foreach (StudyCell cell in cells.Where(cell => cell.Study != study.Name || !keys.Contains(cell.Key)
            || cell.Fingerprint != fingerprints[cell.Key.Variant]))
        {
            problems.Add(new Problem(
                cell.Key.ToString(),
                cell.Study != study.Name || !keys.Contains(cell.Key)
                    ? $"a cell of the study '{cell.Study}' that '{study.Name}' does not name"
                    : "a cell that was made with other settings",
                $"a cell of '{study.Name}' as it is now",
                "Take it out, or report on the folder that it belongs to"));
        }

        foreach (StudyCellKey key in study.Cells)
        {
            StudyCell[] same = [.. cells.Where(cell => cell.Key == key)];
            StudyCell[] done = [.. same.Where(cell => cell.Status == CellStatus.Done)];
            if (done.Length > 1
                && done.Select(cell => Convert.ToHexString(CellJson.Write(cell with { Cost = done[0].Cost }))).Distinct().Count() > 1)
            {
                problems.Add(new Problem(
                    key.ToString(),
                    $"{done.Length} different results of one cell",
                    "one result, or equal ones",
                    "Were they run on machines that compute otherwise, or with other numbers of threads? Keep one of them"));
            }

            if (done.Length > 0 || same.Length > 0)
            {
                ordered.Add(done.Length > 0 ? done[0] : same[0]);
            }
        }

        foreach (IGrouping<string, StudyCell> group in ordered.Where(cell => cell.Status == CellStatus.Done)
            .GroupBy(cell => cell.Key.Variant))
        {
            if (group.Select(cell => cell.Data).Distinct().Count() > 1)
            {
                problems.Add(new Problem(
                    group.Key,
                    "cells that were made from different images",
                    "the same images for every seed",
                    "Run them on the same data"));
            }
        }

        StudyException.ThrowIfAny(study.Name, problems);
        return [.. ordered];
    }

    /// <summary>Whether a set belongs to a scope.</summary>
    public static bool Has(StudyScope scope, CellSet set) => set.Seen == (scope == StudyScope.Seen);

    /// <summary>The values of a cell in a scope, by set and case.</summary>
    public static Dictionary<(string Set, string Case), double> Values(StudyCell cell, StudyScope scope, string metric)
    {
        var values = new Dictionary<(string, string), double>();
        foreach (CellSet set in cell.Sets.Where(set => Has(scope, set) && set.Values.ContainsKey(metric)))
        {
            for (int i = 0; i < set.Cases.Count; i++)
            {
                values[(set.Name, set.Cases[i])] = set.Values[metric][i];
            }
        }

        return values;
    }

    /// <summary>
    /// Second minus first for every seed that both have and every case that is defined throughout: one row a seed.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<double>> Differences(
        StudyCell[] cells, (string First, string Second) variants, StudyScope scope, string metric)
    {
        var first = Done(cells, variants.First);
        var second = Done(cells, variants.Second);
        return Differences(
            [.. first.Keys.Intersect(second.Keys).Order().Select(seed => (
                Values(first[seed], scope, metric), Values(second[seed], scope, metric)))]);
    }

    /// <summary>Second minus first of pairs of cells.</summary>
    public static IReadOnlyList<IReadOnlyList<double>> Differences(
        IReadOnlyList<(Dictionary<(string Set, string Case), double> First, Dictionary<(string Set, string Case), double> Second)> pairs)
    {
        if (pairs.Count == 0)
        {
            return [];
        }

        (string Set, string Case)[] cases = [.. pairs[0].First.Keys
            .Where(key => pairs.All(pair => pair.First.TryGetValue(key, out double left)
                && pair.Second.TryGetValue(key, out double right)
                && double.IsFinite(left)
                && double.IsFinite(right)))
            .OrderBy(key => key.Set, StringComparer.Ordinal)
            .ThenBy(key => key.Case, StringComparer.Ordinal)];
        return [.. pairs.Select(pair => (IReadOnlyList<double>)[.. cases.Select(key => pair.Second[key] - pair.First[key])])];
    }

    private static Dictionary<long, StudyCell> Done(StudyCell[] cells, string variant) => cells
        .Where(cell => cell.Key.Variant == variant && cell.Status == CellStatus.Done)
        .ToDictionary(cell => cell.Key.Seed);

    private static IEnumerable<Problem> Differences(Study first, Study other, string path)
    {
        if (other.Name != first.Name || other.Baseline != first.Baseline || !other.Metrics.SequenceEqual(first.Metrics))
        {
            yield return new Problem(
                path,
                $"results of '{other.Name}' with the baseline '{other.Baseline}'",
                $"those of '{first.Name}' with '{first.Baseline}' and the same metrics",
                "Report on them on their own");
            yield break;
        }

        foreach (StudyVariant variant in other.Variants)
        {
            StudyVariant? same = first.Variants.FirstOrDefault(candidate => candidate.Name == variant.Name);
            if (same is not null && StudyFingerprint.Of(first, same) != StudyFingerprint.Of(other, variant))
            {
                yield return new Problem(
                    path, $"'{variant.Name}' with other settings", "the same recipe, protocol and budget", "Report on them on their own");
            }
        }
    }
}

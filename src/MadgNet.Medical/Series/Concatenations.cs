using MadgNet.Core.Data;

namespace MadgNet.Medical.Series;

/// <summary>Objects of many frames that were divided into files: whether all parts are there.</summary>
internal static class Concatenations
{
    public static void Check(IReadOnlyList<SeriesSlice> slices, List<Finding> findings)
    {
        foreach (IGrouping<string, SeriesSlice> whole in slices
            .Where(slice => slice.Concatenation is not null)
            .GroupBy(slice => slice.Concatenation!.Uid, StringComparer.Ordinal))
        {
            SeriesSlice[] frames = [.. whole.OrderBy(slice => slice.IndexInObject)];
            int parts = frames.Select(frame => frame.Path).Distinct(StringComparer.Ordinal).Count();
            int total = frames.Max(frame => frame.Concatenation!.Total ?? 0);

            // Some writers number the parts and do not say where each begins.
            bool stated = parts == 1 || frames.Any(frame => frame.Concatenation!.FirstFrame > 0);
            int gap = stated ? Enumerable.Range(0, frames.Length).FirstOrDefault(i => frames[i].IndexInObject != i, -1) : -1;
            if (gap < 0 && parts >= total)
            {
                continue;
            }

            findings.Add(new Finding(
                FindingKind.MissingSlices,
                FindingSeverity.Error,
                new Problem(
                    frames[Math.Max(0, gap)].Path,
                    gap < 0
                        ? $"{parts} of the {total} files that an object was divided into"
                        : $"frame {frames[gap].IndexInObject + 1} of a divided object where frame {gap + 1} is expected",
                    "all files of the object, each once",
                    "Fetch the series again from its archive; nothing is filled in")));
        }
    }
}

using MadgNet.Core.Data;

namespace MadgNet.Medical.Series;

/// <summary>Orders slices along their normal, and tells what is odd about them.</summary>
internal static class SeriesOrder
{
    /// <summary>Positions that differ by less, in millimetres, are one.</summary>
    private const double SamePosition = 1e-3;

    /// <summary>A distance of so many usual ones is a gap.</summary>
    private const double Gap = 1.5;

    /// <summary>Distances that differ by so much of the usual one are uneven.</summary>
    private const double Uneven = 0.05;

    /// <summary>The slices that make the volume, in order; what does not fit becomes a finding.</summary>
    public static IReadOnlyList<SeriesSlice> Sort(IReadOnlyList<SeriesSlice> slices, List<Finding> findings)
    {
        Concatenations.Check(slices, findings);
        slices = OfOneSize(slices, findings);
        if (slices.Any(slice => slice.Geometry is null))
        {
            if (slices.Count > 1)
            {
                SeriesSlice first = slices.First(slice => slice.Geometry is null);
                findings.Add(Finding(
                    FindingKind.MissingGeometry,
                    FindingSeverity.Warning,
                    first.Path,
                    "a slice without position, orientation or spacing",
                    "slices that say where they lie",
                    "The machine's numbers order them; check that they are a volume",
                    []));
            }

            return [.. slices.OrderBy(slice => slice.InstanceNumber ?? int.MaxValue)
                .ThenBy(slice => slice.Concatenation?.Uid ?? slice.Path, StringComparer.Ordinal)
                .ThenBy(slice => slice.Concatenation?.Number ?? 0)
            .ThenBy(slice => slice.IndexInObject)];
        }

        slices = OfOneOrientation(slices, findings);
        Point3 normal = Up(slices[0].Geometry!.Normal);
        List<SeriesSlice> ordered = [.. slices
            .OrderBy(slice => slice.Geometry!.Position.Dot(normal))
            .ThenBy(slice => slice.InstanceNumber ?? int.MaxValue)
            .ThenBy(slice => slice.Concatenation?.Uid ?? slice.Path, StringComparer.Ordinal)
            .ThenBy(slice => slice.Concatenation?.Number ?? 0)
            .ThenBy(slice => slice.IndexInObject)];
        ordered = WithoutDuplicates(ordered, normal, findings);
        CheckSpacings(ordered, findings);
        CheckDistances(ordered, findings);
        return ordered;
    }

    /// <summary>The distances between neighbours; empty without positions.</summary>
    public static double[] Distances(IReadOnlyList<SeriesSlice> slices)
    {
        if (slices.Any(slice => slice.Geometry is null))
        {
            return [];
        }

        Point3 normal = Up(slices[0].Geometry!.Normal);
        return [.. slices.Zip(slices.Skip(1), (one, next) => (next.Geometry!.Position - one.Geometry!.Position).Dot(normal))];
    }

    /// <summary>The middle value; of an even number the lower one of the two in the middle.</summary>
    public static double Median(double[] values) => values.Order().ElementAt((values.Length - 1) / 2);

    /// <summary>The normal, turned so that its largest part is positive: to the left, to the back or to the head.</summary>
    public static Point3 Up(Point3 normal)
    {
        double largest = new[] { normal.X, normal.Y, normal.Z }.MaxBy(Math.Abs);
        return largest < 0 ? normal * -1 : normal;
    }

    private static IReadOnlyList<SeriesSlice> OfOneSize(IReadOnlyList<SeriesSlice> slices, List<Finding> findings)
    {
        IGrouping<(int, int), SeriesSlice>[] sizes = [.. slices
            .GroupBy(slice => (slice.Rows, slice.Columns))
            .OrderByDescending(group => group.Count())];
        foreach (IGrouping<(int Rows, int Columns), SeriesSlice> other in sizes.Skip(1))
        {
            findings.Add(Finding(
                FindingKind.SizeMismatch,
                FindingSeverity.Warning,
                other.First().Path,
                $"{other.Count()} slices of {other.Key.Columns}×{other.Key.Rows} pixels among others of {sizes[0].First().Columns}×{sizes[0].First().Rows}",
                "slices of one size",
                "They are left out of the volume: read them as images of their own",
                [.. other.Skip(1).Select(slice => slice.Path)]));
        }

        return [.. sizes[0]];
    }

    private static IReadOnlyList<SeriesSlice> OfOneOrientation(IReadOnlyList<SeriesSlice> slices, List<Finding> findings)
    {
        var groups = new List<List<SeriesSlice>>();
        foreach (SeriesSlice slice in slices)
        {
            List<SeriesSlice>? group = groups.Find(group => group[0].Geometry!.IsParallelTo(slice.Geometry!));
            if (group is null)
            {
                groups.Add([slice]);
            }
            else
            {
                group.Add(slice);
            }
        }

        List<SeriesSlice> most = groups.MaxBy(group => group.Count)!;
        foreach (List<SeriesSlice> other in groups.Where(group => group != most))
        {
            findings.Add(Finding(
                FindingKind.MixedOrientation,
                FindingSeverity.Warning,
                other[0].Path,
                $"{other.Count} slices in another direction than the other {most.Count}",
                "parallel slices",
                "They are left out of the volume: overviews (localizers) belong into a series of their own",
                [.. other.Skip(1).Select(slice => slice.Path)]));
        }

        return most;
    }

    private static List<SeriesSlice> WithoutDuplicates(List<SeriesSlice> ordered, Point3 normal, List<Finding> findings)
    {
        var kept = new List<SeriesSlice>();
        var doubled = new List<SeriesSlice>();
        foreach (SeriesSlice slice in ordered)
        {
            bool same = kept.Count > 0 && Math.Abs((slice.Geometry!.Position - kept[^1].Geometry!.Position).Dot(normal)) < SamePosition;
            (same ? doubled : kept).Add(slice);
        }

        if (doubled.Count > 0)
        {
            findings.Add(Finding(
                FindingKind.DuplicateSlices,
                FindingSeverity.Warning,
                doubled[0].Path,
                $"{doubled.Count} slices at positions that have one already",
                "one slice a position",
                "The one with the lowest number is used: divide phases and echoes into series of their own",
                [.. doubled.Skip(1).Select(slice => slice.Path)]));
        }

        return kept;
    }

    private static void CheckSpacings(List<SeriesSlice> slices, List<Finding> findings)
    {
        PixelSpacing first = slices[0].Geometry!.Spacing;
        SeriesSlice[] others = [.. slices.Where(slice => Math.Abs(slice.Geometry!.Spacing.Row - first.Row) > SamePosition * first.Row
            || Math.Abs(slice.Geometry.Spacing.Column - first.Column) > SamePosition * first.Column)];
        if (others.Length > 0)
        {
            findings.Add(Finding(
                FindingKind.MixedSpacing,
                FindingSeverity.Warning,
                others[0].Path,
                FormattableString.Invariant($"pixels of {others[0].Geometry!.Spacing.Row}×{others[0].Geometry!.Spacing.Column} mm among others of {first.Row}×{first.Column} mm"),
                "one spacing in a series",
                "Measure each slice with its own spacing",
                [.. others.Skip(1).Select(slice => slice.Path)]));
        }
    }

    private static void CheckDistances(List<SeriesSlice> slices, List<Finding> findings)
    {
        double[] distances = Distances(slices);
        if (distances.Length < 2)
        {
            return;
        }

        double usual = Median(distances);
        int[] gaps = [.. Enumerable.Range(0, distances.Length).Where(i => distances[i] > Gap * usual)];
        if (gaps.Length > 0)
        {
            int missing = gaps.Sum(i => Math.Max(1, (int)Math.Min(int.MaxValue / distances.Length, Math.Round(distances[i] / usual) - 1)));
            findings.Add(Finding(
                FindingKind.MissingSlices,
                FindingSeverity.Error,
                slices[gaps[0] + 1].Path,
                FormattableString.Invariant($"{gaps.Length} gaps, the first one of {distances[gaps[0]]:0.###} mm where slices are {usual:0.###} mm apart: about {missing} slices are missing"),
                "slices at even distances",
                "Fetch the series again from its archive; nothing is filled in",
                [.. gaps.Skip(1).Select(i => slices[i + 1].Path)]));
        }
        else if (Array.Find(distances, distance => Math.Abs(distance - usual) > Uneven * usual) is > 0 and var uneven)
        {
            findings.Add(Finding(
                FindingKind.MixedSpacing,
                FindingSeverity.Note,
                slices[0].Path,
                FormattableString.Invariant($"slices {uneven:0.###} mm apart among others that are {usual:0.###} mm apart"),
                "slices at even distances",
                "Measure volumes slice by slice",
                []));
        }
    }

    private static Finding Finding(
        FindingKind kind,
        FindingSeverity severity,
        string path,
        string received,
        string expected,
        string remedy,
        IReadOnlyList<string> related) =>
        new(kind, severity, new Problem(path, received, expected, remedy), related);
}

using MadgNet.Core.Data;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Data;

/// <summary>The slices that masks lie on where the images themselves are not at hand: those that the masks speak of.</summary>
internal static class SharedGrid
{
    /// <summary>A stack of these slices; their pixels cannot be read.</summary>
    /// <param name="segmentations">All segmentations of one case.</param>
    /// <param name="nifti">A NIfTI mask of the same case; null where there is none.</param>
    /// <exception cref="DatasetException">The masks do not say where they lie.</exception>
    public static DicomStack Of(IReadOnlyList<SegFile> segmentations, NiftiVolume? nifti)
    {
        var slices = new List<SeriesSlice>();
        foreach (SegFile file in segmentations)
        {
            foreach (SegFrame frame in file.Frames.OrderByDescending(frame => frame.Sources.Count))
            {
                (string? instance, int? number) = frame.Sources.Count > 0 ? frame.Sources[0] : default;
                if (!slices.Exists(slice => instance is null
                    ? slice.Geometry is { } place && frame.Geometry is { } own && SegFile.SamePlace(place, own)
                    : slice.SopInstance == instance && slice.Frame == (number ?? 0)))
                {
                    slices.Add(Slice(file, instance ?? "", number, frame.Geometry));
                }
            }
        }

        IReadOnlyList<SeriesSlice> all = nifti is null
            ? Ordered(segmentations, slices)
            : OfVolume(slices, nifti, segmentations[0]);
        return all.Count > 0
            ? new DicomStack(
                new DicomSeries(segmentations[0].ReferencedSeries.FirstOrDefault() ?? "", null, all, [], DicomReadOptions.Default),
                segmentations[0].Name)
            : throw new DatasetException(new Problem(
                segmentations[0].Name,
                "a segmentation whose frames name no image and no place",
                "frames that refer to their images",
                "Write the segmentation anew, or evaluate with --images"));
    }

    /// <summary>
    /// The slices that have frames and those that the segmentations refer to without drawing on them, which are empty on both sides.
    /// </summary>
    private static List<SeriesSlice> Ordered(IReadOnlyList<SegFile> segmentations, List<SeriesSlice> slices)
    {
        string[] referenced = [.. segmentations.SelectMany(file => file.ReferencedInstances).Distinct(StringComparer.Ordinal)];
        bool whole = slices.TrueForAll(slice => slice is { FileFrames: 1, SopInstance.Length: > 0 });
        if (whole)
        {
            slices.AddRange(referenced
                .Where(instance => !slices.Exists(slice => slice.SopInstance == instance))
                .Select(instance => Slice(segmentations[0], instance, null, null))
                .ToArray());
            if (slices.TrueForAll(slice => referenced.Contains(slice.SopInstance)))
            {
                return [.. slices.OrderBy(slice => Array.IndexOf(referenced, slice.SopInstance))];
            }
        }

        return slices.TrueForAll(slice => slice.Geometry is not null)
            ? Upwards(slices)
            : [.. slices.OrderBy(slice => slice.SopInstance, StringComparer.Ordinal).ThenBy(slice => slice.Frame)];
    }

    /// <summary>The planes of a NIfTI volume that lie as the frames do; each has the identity of the frames at its place.</summary>
    private static List<SeriesSlice> OfVolume(List<SeriesSlice> slices, NiftiVolume nifti, SegFile file)
    {
        if (slices.Find(slice => slice.Geometry is not null)?.Geometry is not { } first
            || VoxelGrid.PlanesAlong(nifti.Header, first, file.Rows, file.Columns) is not { } planes)
        {
            throw new DatasetException(new Problem(
                nifti.Name,
                $"a mask on another grid than '{Path.GetFileName(file.Name)}'",
                "two masks of one series, at the places of its pixels",
                "Resample one of them by nearest neighbour, or write both as DICOM SEG"));
        }

        return Upwards(planes.Select(plane => slices.Find(slice => slice.Geometry is { } own
            && own.IsParallelTo(plane)
            && (own.Position - plane.Position).Length < VoxelGrid.OffGrid * Math.Min(plane.Spacing.Row, plane.Spacing.Column))
                ?? Slice(file, "", null, plane)));
    }

    /// <summary>In the order of a series, whatever order a file has.</summary>
    private static List<SeriesSlice> Upwards(IEnumerable<SeriesSlice> slices)
    {
        List<SeriesSlice> all = [.. slices];
        Point3 up = all.Count == 0 ? default : SeriesOrder.Up(all[0].Geometry!.Normal);
        return [.. all.OrderBy(slice => slice.Geometry!.Position.Dot(up)).ThenBy(slice => slice.Frame)];
    }

    private static SeriesSlice Slice(SegFile file, string instance, int? frame, SliceGeometry? geometry) => new()
    {
        Path = file.Name,
        Frame = frame ?? 0,
        FileFrames = frame is null ? 1 : int.MaxValue,
        SopClass = "",
        SopInstance = instance,
        Rows = file.Rows,
        Columns = file.Columns,
        TransferSyntax = TransferSyntax.ExplicitLittleEndian,
        Geometry = geometry,
    };
}

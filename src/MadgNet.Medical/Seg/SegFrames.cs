using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Seg;

/// <summary>The frames of a segmentation: pixels, dimensions and functional groups.</summary>
internal static class SegFrames
{
    private static readonly DicomTag StackId = new(0x0020, 0x9056);
    private static readonly DicomTag InStackPosition = new(0x0020, 0x9057);
    private static readonly DicomTag SpacingBetweenSlices = new(0x0018, 0x0088);

    public static void Write(
        DicomDataset data, SegSource source, SegOptions options, IReadOnlyList<(int Segment, int Slice, byte[] Plane)> frames, int segments)
    {
        bool map = options.Type == SegmentationType.LabelMap;
        bool binary = options.Type == SegmentationType.Binary;
        int allocated = binary ? 1 : map && segments > byte.MaxValue ? 16 : 8;
        data.SetNumbers(Tags.SamplesPerPixel, DicomVr.US, 1)
            .SetText(Tags.Photometric, DicomVr.CS, "MONOCHROME2")
            .SetNumbers(Tags.NumberOfFrames, DicomVr.IS, frames.Count)
            .SetNumbers(Tags.Rows, DicomVr.US, source.Series.Rows)
            .SetNumbers(Tags.Columns, DicomVr.US, source.Series.Columns)
            .SetNumbers(Tags.BitsAllocated, DicomVr.US, allocated)
            .SetNumbers(Tags.BitsStored, DicomVr.US, allocated)
            .SetNumbers(Tags.HighBit, DicomVr.US, allocated - 1)
            .SetNumbers(Tags.PixelRepresentation, DicomVr.US, 0);
        if (map)
        {
            // The value of the background.
            data.SetNumbers(Tags.PixelPadding, DicomVr.US, 0);
        }

        data.SetText(Tags.SegmentsOverlap, DicomVr.CS, map || !Overlap(frames, source.Series.Slices.Count) ? "NO" : "YES");
        Dimensions(data, source.HasGeometry, map, options);
        data.SetItems(Tags.SharedGroups, Shared(source));
        data.SetItems(Tags.PerFrameGroups, [.. frames.Select(frame => Frame(source, frame.Segment, frame.Slice))]);
        data.SetBytes(
            Tags.PixelData, allocated == 16 ? DicomVr.OW : DicomVr.OB, binary ? Pack(frames) : Join(frames));
    }

    /// <summary>Bits of all frames one after another, the first pixel in the lowest bit; a frame may begin inside a byte.</summary>
    private static byte[] Pack(IReadOnlyList<(int Segment, int Slice, byte[] Plane)> frames)
    {
        long bits = frames.Sum(frame => (long)frame.Plane.Length);
        var packed = new byte[(bits + 7) / 8];
        long bit = 0;
        foreach ((_, _, byte[] plane) in frames)
        {
            foreach (byte value in plane)
            {
                if (value != 0)
                {
                    packed[bit >> 3] |= (byte)(1 << (int)(bit & 7));
                }

                bit++;
            }
        }

        return packed;
    }

    private static byte[] Join(IReadOnlyList<(int Segment, int Slice, byte[] Plane)> frames)
    {
        var joined = new byte[frames.Sum(frame => (long)frame.Plane.Length)];
        long at = 0;
        foreach ((_, _, byte[] plane) in frames)
        {
            Array.Copy(plane, 0, joined, at, plane.Length);
            at += plane.Length;
        }

        return joined;
    }

    private static bool Overlap(IReadOnlyList<(int Segment, int Slice, byte[] Plane)> frames, int slices)
    {
        for (int slice = 0; slice < slices; slice++)
        {
            byte[][] planes = [.. frames.Where(frame => frame.Slice == slice).Select(frame => frame.Plane)];
            for (int i = 0; planes.Length > 1 && i < planes[0].Length; i++)
            {
                if (planes.Count(plane => plane[i] != 0) > 1)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>What frames differ by: their segment, and where they lie.</summary>
    private static void Dimensions(DicomDataset data, bool hasGeometry, bool map, SegOptions options)
    {
        string organization = DicomUid.New(options.UidRoot);
        DicomDataset Index(DicomTag pointer, DicomTag group, string label) => new DicomDataset()
            .SetText(Tags.DimensionOrganization, DicomVr.UI, organization)
            .SetTags(Tags.DimensionIndexPointer, pointer)
            .SetTags(Tags.FunctionalGroupPointer, group)
            .SetText(Tags.DimensionDescription, DicomVr.LO, label);

        DicomDataset place = hasGeometry
            ? Index(Tags.Position, Tags.PlanePositionSequence, "ImagePositionPatient")
            : Index(InStackPosition, Tags.FrameContentSequence, "InStackPositionNumber");
        data.SetItems(
            Tags.DimensionOrganizationSequence, new DicomDataset().SetText(Tags.DimensionOrganization, DicomVr.UI, organization));
        data.SetItems(
            Tags.DimensionIndexSequence,
            map ? [place] : [Index(Tags.ReferencedSegmentNumber, Tags.SegmentIdentification, "ReferencedSegmentNumber"), place]);
    }

    private static DicomDataset Shared(SegSource source)
    {
        var shared = new DicomDataset();
        if (!source.HasGeometry)
        {
            return shared;
        }

        DicomDataset measures = new DicomDataset().SetText(
            Tags.PixelSpacing, DicomVr.DS, Spacing(source));
        SliceGeometry first = source.Series.Slices[0].Geometry!;
        double? distance = source.Series.SliceDistance;

        // A thickness has to be stated: without one in the source the distance of slices, or that of pixels, is all that is known.
        double thickness = first.Thickness ?? distance ?? Math.Min(first.Spacing.Row, first.Spacing.Column);
        measures.SetNumbers(Tags.SliceThickness, DicomVr.DS, thickness);
        if (distance is { } between)
        {
            measures.SetNumbers(SpacingBetweenSlices, DicomVr.DS, Math.Round(between, 9));
        }

        shared.SetItems(Tags.PixelMeasuresSequence, measures);
        shared.SetItems(
            Tags.PlaneOrientationSequence,
            new DicomDataset().SetText(
                Tags.Orientation, DicomVr.DS, source.Texts(0, Tags.PlaneOrientationSequence, Tags.Orientation)));
        return shared;
    }

    private static IReadOnlyList<string> Spacing(SegSource source) =>
        source.Texts(0, Tags.PixelMeasuresSequence, Tags.PixelSpacing) is { Count: 2 } stated
            ? stated
            : source.Header(0).Texts(Tags.ImagerPixelSpacing);

    private static DicomDataset Frame(SegSource source, int segment, int slice)
    {
        SeriesSlice from = source.Series.Slices[slice];
        DicomDataset content = new DicomDataset().SetNumbers(
            Tags.DimensionIndexValues, DicomVr.UL, segment == 0 ? [slice + 1] : [segment, slice + 1]);
        var frame = new DicomDataset();
        if (source.HasGeometry)
        {
            frame.SetItems(
                Tags.PlanePositionSequence,
                new DicomDataset().SetText(Tags.Position, DicomVr.DS, Position(source, slice)));
        }
        else
        {
            content.SetText(StackId, DicomVr.SH, "1").SetNumbers(InStackPosition, DicomVr.UL, slice + 1);
        }

        DicomDataset image = SegHeader.Reference(from)
            .SetItems(
                Tags.PurposeOfReference, new CodedConcept("121322", "DCM", "Source image for image processing operation").ToItem());
        if (from.FileFrames > 1)
        {
            image.SetNumbers(Tags.ReferencedFrameNumber, DicomVr.IS, from.Frame + 1);
        }

        frame.SetItems(Tags.FrameContentSequence, content)
            .SetItems(Tags.DerivationImageSequence, new DicomDataset()
                .SetItems(Tags.SourceImageSequence, image)
                .SetItems(Tags.DerivationCodeSequence, new CodedConcept("113076", "DCM", "Segmentation").ToItem()));
        if (segment > 0)
        {
            frame.SetItems(
                Tags.SegmentIdentification, new DicomDataset().SetNumbers(Tags.ReferencedSegmentNumber, DicomVr.US, segment));
        }

        return frame;
    }

    /// <summary>The position as the source writes it; computed where the source states offsets of frames alone.</summary>
    private static IReadOnlyList<string> Position(SegSource source, int slice)
    {
        IReadOnlyList<string> stated = source.Texts(slice, Tags.PlanePositionSequence, Tags.Position);
        Point3 position = source.Series.Slices[slice].Geometry!.Position;
        return source.Header(slice).Contains(Tags.GridFrameOffsets)
            ? [DecimalString.Of(position.X), DecimalString.Of(position.Y), DecimalString.Of(position.Z)]
            : stated;
    }
}

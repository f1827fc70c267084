namespace MadgNet.Medical.Dicom;

/// <summary>
/// Where an attribute of a frame stands: in the frame's own functional group, in the one that all frames share, or in the object itself.
/// </summary>
internal static class FunctionalGroups
{
    /// <summary>The item that holds a frame's attributes of one kind; the object itself where it has no functional groups.</summary>
    /// <param name="dataset">The object.</param>
    /// <param name="frame">The frame, from 0.</param>
    /// <param name="group">The sequence of the group.</param>
    public static DicomDataset Find(DicomDataset dataset, int frame, DicomTag group) =>
        FindGroup(dataset, frame, group) ?? dataset;

    /// <summary>The first item of a frame's functional group; null where the frame has none of this kind.</summary>
    public static DicomDataset? FindGroup(DicomDataset dataset, int frame, DicomTag group)
    {
        IReadOnlyList<DicomDataset> frames = dataset.Sequence(Tags.PerFrameGroups);
        return (frame < frames.Count ? frames[frame].Sequence(group) : []) is [var own, ..]
            ? own
            : dataset.Sequence(Tags.SharedGroups) is [var shared, ..] && shared.Sequence(group) is [var common, ..] ? common : null;
    }

    /// <summary>Where a frame lies; null where the file does not say.</summary>
    /// <exception cref="MedicalFileException">The header contradicts itself.</exception>
    public static SliceGeometry? Geometry(DicomDataset dataset, int frame)
    {
        IReadOnlyList<double> position = Find(dataset, frame, Tags.PlanePositionSequence).Numbers(Tags.Position);
        IReadOnlyList<double> orientation = Find(dataset, frame, Tags.PlaneOrientationSequence).Numbers(Tags.Orientation);
        DicomDataset measures = Find(dataset, frame, Tags.PixelMeasuresSequence);
        if (position.Count != 3 || orientation.Count != 6 || Spacing(dataset, frame) is not { } spacing)
        {
            return null;
        }

        var row = new Point3(orientation[0], orientation[1], orientation[2]);
        var column = new Point3(orientation[3], orientation[4], orientation[5]);
        const double Tolerance = 1e-2;
        if (Math.Abs(row.Length - 1) > Tolerance || Math.Abs(column.Length - 1) > Tolerance || Math.Abs(row.Dot(column)) > Tolerance)
        {
            throw MedicalFileException.Damaged(dataset.Source, $"directions {Tags.Orientation} that are not perpendicular, or not of length 1");
        }

        var geometry = new SliceGeometry
        {
            Position = new Point3(position[0], position[1], position[2]),
            AlongRow = row,
            AlongColumn = column,
            Spacing = spacing,
            Thickness = measures.Number(Tags.SliceThickness),
            FrameOfReference = dataset.Text(Tags.FrameOfReference),
        };

        // Doses state one position and the distances of all frames from it.
        IReadOnlyList<double> offsets = dataset.Numbers(Tags.GridFrameOffsets);
        return frame < offsets.Count
            ? geometry with { Position = geometry.Position + (geometry.Normal * (offsets[frame] - offsets[0])) }
            : geometry;
    }

    /// <summary>The distance of a frame's rows and columns; null where the file does not say.</summary>
    public static PixelSpacing? Spacing(DicomDataset dataset, int frame)
    {
        DicomDataset measures = Find(dataset, frame, Tags.PixelMeasuresSequence);
        IReadOnlyList<double> spacing = measures.Numbers(Tags.PixelSpacing);
        if (spacing.Count != 2)
        {
            // Projections without calibration state the spacing at the detector.
            spacing = dataset.Numbers(Tags.ImagerPixelSpacing);
        }

        if (spacing.Count != 2)
        {
            return null;
        }

        return spacing[0] > 0 && spacing[1] > 0
            ? new PixelSpacing(row: spacing[0], column: spacing[1])
            : throw MedicalFileException.Damaged(dataset.Source, $"a pixel spacing {Tags.PixelSpacing} that is not above 0");
    }
}

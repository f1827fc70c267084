namespace MadgNet.Medical;

/// <summary>Where a slice lies in the patient: what takes a mask from the grid of pixels back into space.</summary>
public sealed record SliceGeometry
{
    /// <summary>The centre of the first pixel, in millimetres.</summary>
    public required Point3 Position { get; init; }

    /// <summary>The direction in which columns follow each other, of length 1.</summary>
    public required Point3 AlongRow { get; init; }

    /// <summary>The direction in which rows follow each other, of length 1.</summary>
    public required Point3 AlongColumn { get; init; }

    /// <summary>The distance between the centres of rows and of columns, in millimetres.</summary>
    public required PixelSpacing Spacing { get; init; }

    /// <summary>The thickness of the slice in millimetres; null where the file does not state it.</summary>
    public double? Thickness { get; init; }

    /// <summary>The identifier of the space that positions are given in; null where the file does not state it.</summary>
    public string? FrameOfReference { get; init; }

    /// <summary>The direction perpendicular to the slice.</summary>
    public Point3 Normal => AlongRow.Cross(AlongColumn);

    /// <summary>The position along the normal, in millimetres: what slices are ordered by.</summary>
    public double Offset => Position.Dot(Normal);

    /// <summary>The point of a pixel's centre.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="column">The column, from 0.</param>
    /// <returns>The point in the patient.</returns>
    public Point3 ToPatient(double row, double column) =>
        Position + (AlongRow * (column * Spacing.Column)) + (AlongColumn * (row * Spacing.Row));

    /// <summary>Whether two slices are parallel and not turned against each other.</summary>
    /// <param name="other">The other slice.</param>
    /// <returns>True where directions differ by less than 0.001.</returns>
    public bool IsParallelTo(SliceGeometry other)
    {
        ArgumentNullException.ThrowIfNull(other);
        const double Tolerance = 1e-3;
        return (AlongRow - other.AlongRow).Length < Tolerance && (AlongColumn - other.AlongColumn).Length < Tolerance;
    }
}

using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Imaging;

/// <summary>
/// How a volume becomes pictures: which axis of the file runs along the columns, which along the rows; what is left are slices. Masks go
/// back the same way, so that they always lie on the file's own grid.
/// </summary>
public sealed record NiftiSlicing
{
    /// <summary>
    /// The file's own order: the first axis runs along a row from left to right, the second one from top to bottom, the third one through
    /// the slices. Of a usual file (RAS) the pictures have the patient's left at the right and the front below.
    /// </summary>
    public static NiftiSlicing Stored { get; } = new();

    /// <summary>The axis of the file that runs along a row: 0, 1 or 2. Default 0.</summary>
    public int ColumnAxis { get; init; }

    /// <summary>The axis of the file that runs from top to bottom: 0, 1 or 2. Default 1.</summary>
    public int RowAxis { get; init; } = 1;

    /// <summary>Whether columns are counted from the end of their axis. Default false.</summary>
    public bool FlipColumns { get; init; }

    /// <summary>Whether rows are counted from the end of their axis. Default false.</summary>
    public bool FlipRows { get; init; }

    /// <summary>
    /// Pictures as DICOM shows axial slices, whatever order the file has: the patient's right at the left, the front above. What a network
    /// that was trained on DICOM slices expects.
    /// </summary>
    /// <param name="affine">Where the file's voxels lie.</param>
    /// <returns>The slicing; slices run along the axis between feet and head.</returns>
    public static NiftiSlicing Axial(Affine affine)
    {
        ArgumentNullException.ThrowIfNull(affine);
        (int Axis, bool Rises)[] directions = affine.Directions();
        int side = Array.FindIndex(directions, direction => direction.Axis == 0);
        int front = Array.FindIndex(directions, direction => direction.Axis == 1);

        // NIfTI's axes rise to the right and the front, pictures run to the left and the back.
        return new NiftiSlicing
        {
            ColumnAxis = side,
            RowAxis = front,
            FlipColumns = directions[side].Rises,
            FlipRows = directions[front].Rises,
        };
    }

    /// <summary>Everything that is wrong with the slicing.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate() => ColumnAxis is >= 0 and <= 2 && RowAxis is >= 0 and <= 2 && ColumnAxis != RowAxis
        ? []
        : [new Problem(nameof(NiftiSlicing), $"columns along axis {ColumnAxis}, rows along axis {RowAxis}", "two different ones of 0, 1 and 2", "Use NiftiSlicing.Stored or NiftiSlicing.Axial")];
}

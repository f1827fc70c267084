using MadgNet.Medical.Nifti;
using MadgNet.Medical.Series;

namespace MadgNet.Medical;

/// <summary>Between DICOM's and NIfTI's ways to say where voxels lie.</summary>
internal static class VoxelGrid
{
    /// <summary>How far a pixel may lie from the grid, in voxels.</summary>
    public const double OffGrid = 0.05;

    /// <summary>
    /// The planes of a volume that are parallel to a slice and have its pixels, in the order of the volume; null where there are none.
    /// </summary>
    public static SliceGeometry[]? PlanesAlong(NiftiHeader header, SliceGeometry slice, int rows, int columns)
    {
        if (Of(header.Affine, slice.Position, OffGrid) is not { } origin
            || Of(header.Affine, slice.ToPatient(rows - 1, 0), OffGrid) is not { } lower
            || Of(header.Affine, slice.ToPatient(0, columns - 1), OffGrid) is not { } right)
        {
            return null;
        }

        int[] shape = [.. Enumerable.Range(0, 3).Select(axis => axis < header.Shape.Count ? header.Shape[axis] : 1)];
        (int[] from, int[] down, int[] aside) = (Numbers(origin), Numbers(lower), Numbers(right));
        int[] still = [.. Enumerable.Range(0, 3).Where(axis => from[axis] == down[axis] && from[axis] == aside[axis])];
        if (header.Count != (long)shape[0] * shape[1] * shape[2] || still.Length == 0)
        {
            return null;
        }

        // A slice of one row or column stands still along two axes: the longer one is that of the slices.
        int through = still.MaxBy(axis => shape[axis]);
        if ((long)rows * columns * shape[through] != header.Count || from[through] < 0 || from[through] >= shape[through])
        {
            return null;
        }

        Point3 step = Mirrored(header.Affine.Column(through));
        return [.. Enumerable.Range(0, shape[through]).Select(
            place => slice with { Position = slice.Position + (step * (place - from[through])) })];
    }

    /// <summary>The voxel at a point of DICOM's space; null where it lies off the grid by more than a tolerance, in voxels.</summary>
    public static (int I, int J, int K)? Of(Affine affine, Point3 dicom, double tolerance)
    {
        Point3 step = Mirrored(dicom) - affine.Origin;
        (Point3 i, Point3 j, Point3 k) = (affine.Column(0), affine.Column(1), affine.Column(2));
        double determinant = i.Dot(j.Cross(k));
        if (Math.Abs(determinant) < 1e-12)
        {
            return null;
        }

        double[] voxel = [step.Dot(j.Cross(k)) / determinant, step.Dot(k.Cross(i)) / determinant, step.Dot(i.Cross(j)) / determinant];
        return Array.TrueForAll(voxel, value => Math.Abs(value) < int.MaxValue && Math.Abs(value - Math.Round(value)) <= tolerance)
            ? ((int)Math.Round(voxel[0]), (int)Math.Round(voxel[1]), (int)Math.Round(voxel[2]))
            : null;
    }

    /// <summary>
    /// The affine of a series whose columns, rows and slices are a volume's i, j and k; null where slices do not say where they lie, or do
    /// not lie at even distances.
    /// </summary>
    public static Affine? Of(DicomSeries series)
    {
        if (series.Slices.Any(slice => slice.Geometry is null))
        {
            return null;
        }

        SliceGeometry first = series.Slices[0].Geometry!;
        int count = series.Slices.Count;
        Point3 through = count > 1
            ? (series.Slices[^1].Geometry!.Position - first.Position) * (1.0 / (count - 1))
            : first.Normal * (first.Thickness ?? 1);
        const double Uneven = 0.05;
        for (int i = 1; i < count; i++)
        {
            if ((series.Slices[i].Geometry!.Position - first.Position - (through * i)).Length > Uneven * through.Length)
            {
                return null;
            }
        }

        Point3 column = Mirrored(first.AlongRow * first.Spacing.Column);
        Point3 row = Mirrored(first.AlongColumn * first.Spacing.Row);
        Point3 slice = Mirrored(through);
        Point3 origin = Mirrored(first.Position);
        return new Affine(
            column.X, row.X, slice.X, origin.X, column.Y, row.Y, slice.Y, origin.Y, column.Z, row.Z, slice.Z, origin.Z);
    }

    private static int[] Numbers((int I, int J, int K) voxel) => [voxel.I, voxel.J, voxel.K];

    /// <summary>DICOM's x and y run to the left and the back, NIfTI's to the right and the front.</summary>
    private static Point3 Mirrored(Point3 point) => new(-point.X, -point.Y, point.Z);
}

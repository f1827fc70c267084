using MadgNet.Medical.Nifti;
using MadgNet.Medical.Series;

namespace MadgNet.Medical;

/// <summary>Between DICOM's and NIfTI's ways to say where voxels lie.</summary>
internal static class VoxelGrid
{
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

    /// <summary>DICOM's x and y run to the left and the back, NIfTI's to the right and the front.</summary>
    private static Point3 Mirrored(Point3 point) => new(-point.X, -point.Y, point.Z);
}

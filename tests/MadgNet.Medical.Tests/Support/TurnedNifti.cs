using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Tests.Support;

/// <summary>NIfTI masks that lie in their files another way round than their images.</summary>
internal static class TurnedNifti
{
    /// <summary>The same mask, written with its axes in another order and two of them the other way round.</summary>
    public static void Turn(string path)
    {
        NiftiVolume volume = NiftiVolume.Read(path);
        (int nx, int ny, int nz) = (volume.Header.Shape[0], volume.Header.Shape[1], volume.Header.Shape[2]);
        Affine affine = volume.Header.Affine;
        var turned = new byte[nx * ny * nz];
        for (int k = 0; k < nz; k++)
        {
            for (int j = 0; j < ny; j++)
            {
                for (int i = 0; i < nx; i++)
                {
                    // New axes: slices from the end, columns, rows from the end.
                    turned[(((ny - 1 - j) * nx) + i) * nz + (nz - 1 - k)] = (byte)volume[(((long)k * ny) + j) * nx + i];
                }
            }
        }

        Point3 origin = affine.ToPatient(0, ny - 1, nz - 1);
        (Point3 x, Point3 y, Point3 z) = (affine.Column(2) * -1, affine.Column(0), affine.Column(1) * -1);
        NiftiWriter.WriteBytes(path, turned, [nz, nx, ny], new Affine(
            x.X, y.X, z.X, origin.X, x.Y, y.Y, z.Y, origin.Y, x.Z, y.Z, z.Z, origin.Z));
    }
}

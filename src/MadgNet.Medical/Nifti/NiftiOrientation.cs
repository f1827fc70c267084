namespace MadgNet.Medical.Nifti;

/// <summary>The three ways in which a NIfTI header says where voxels lie.</summary>
internal static class NiftiOrientation
{
    /// <summary>The sform where there is one, else the qform, else the spacing with the origin in the middle, as nibabel has it.</summary>
    public static Affine Read(NiftiHeader.Fields fields, bool second, IReadOnlyList<int> shape, string name)
    {
        int sform = second ? fields.Int32(348) : fields.Int16(254);
        int qform = second ? fields.Int32(344) : fields.Int16(252);
        double[] rows;
        if (sform > 0)
        {
            rows = new double[12];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = second ? fields.Double(400 + (i * 8)) : fields.Single(280 + (i * 4));
            }
        }
        else if (qform > 0)
        {
            rows = Quaternion(fields, second, name);
        }
        else
        {
            rows = Plain(fields, second, shape);
        }

        return Array.TrueForAll(rows, double.IsFinite)
            ? new Affine(rows)
            : throw MedicalFileException.Damaged(name, "a position that is not finite");
    }

    private static double[] Quaternion(NiftiHeader.Fields fields, bool second, string name)
    {
        (double b, double c, double d) = second
            ? (fields.Double(352), fields.Double(360), fields.Double(368))
            : (fields.Single(256), fields.Single(260), fields.Single(264));
        (double x, double y, double z) = second
            ? (fields.Double(376), fields.Double(384), fields.Double(392))
            : (fields.Single(268), fields.Single(272), fields.Single(276));
        double rest = 1 - ((b * b) + (c * c) + (d * d));

        // Single precision leaves a little less or more than 1.
        const double Tolerance = 1e-5;
        if (!(rest >= -Tolerance))
        {
            throw MedicalFileException.Damaged(name, "a quaternion longer than 1");
        }

        double a = rest > 0 ? Math.Sqrt(rest) : 0;
        double factor = Zoom(fields, second, 0) < 0 ? -1 : 1;
        double[] zooms = [Step(fields, second, 1), Step(fields, second, 2), Step(fields, second, 3) * factor];
        return
        [
            ((a * a) + (b * b) - (c * c) - (d * d)) * zooms[0], 2 * ((b * c) - (a * d)) * zooms[1], 2 * ((b * d) + (a * c)) * zooms[2], x,
            2 * ((b * c) + (a * d)) * zooms[0], ((a * a) + (c * c) - (b * b) - (d * d)) * zooms[1], 2 * ((c * d) - (a * b)) * zooms[2], y,
            2 * ((b * d) - (a * c)) * zooms[0], 2 * ((c * d) + (a * b)) * zooms[1], ((a * a) + (d * d) - (b * b) - (c * c)) * zooms[2], z,
        ];
    }

    private static double[] Plain(NiftiHeader.Fields fields, bool second, IReadOnlyList<int> shape)
    {
        double[] zooms = [Step(fields, second, 1), Step(fields, second, 2), Step(fields, second, 3)];

        // Without orientation the first axis runs to the left, as the format's ancestor had it.
        double Middle(int axis) => ((axis < shape.Count ? shape[axis] : 1) - 1) / 2.0;
        return
        [
            -zooms[0], 0, 0, Middle(0) * zooms[0],
            0, zooms[1], 0, -Middle(1) * zooms[1],
            0, 0, zooms[2], -Middle(2) * zooms[2],
        ];
    }

    private static double Zoom(NiftiHeader.Fields fields, bool second, int axis) =>
        second ? fields.Double(104 + (axis * 8)) : fields.Single(76 + (axis * 4));

    private static double Step(NiftiHeader.Fields fields, bool second, int axis)
    {
        double zoom = Math.Abs(Zoom(fields, second, axis));
        return zoom > 0 && double.IsFinite(zoom) ? zoom : 1;
    }
}

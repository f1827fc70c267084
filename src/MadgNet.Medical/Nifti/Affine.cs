namespace MadgNet.Medical.Nifti;

/// <summary>
/// From the indices of a volume (i, j, k) to points in the patient in millimetres. NIfTI: x to the right, y to the front, z to the head.
/// </summary>
public sealed class Affine : IEquatable<Affine>
{
    private readonly double[] _values;

    /// <summary>Creates a map.</summary>
    /// <param name="rows">The three upper rows, four numbers each; the fourth row is 0, 0, 0, 1.</param>
    /// <exception cref="ArgumentException">The numbers are not twelve, or not finite.</exception>
    public Affine(params IReadOnlyList<double> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count != 12 || rows.Any(value => !double.IsFinite(value)))
        {
            throw new ArgumentException(
                $"received {rows.Count} numbers; expected three rows of four finite numbers. Leave the fourth row out.", nameof(rows));
        }

        _values = [.. rows];
    }

    /// <summary>One element.</summary>
    /// <param name="row">0 … 3.</param>
    /// <param name="column">0 … 3.</param>
    /// <returns>The element.</returns>
    public double this[int row, int column]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)row, 3u, nameof(row));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)column, 3u, nameof(column));
            return row == 3 ? (column == 3 ? 1 : 0) : _values[(row * 4) + column];
        }
    }

    /// <summary>Where the first voxel lies.</summary>
    public Point3 Origin => Column(3);

    /// <summary>The letters of the directions in which i, j and k rise: R or L, A or P, S or I.</summary>
    public string AxisCodes => string.Concat(Enumerable.Range(0, 3).Select(axis => Code(Directions()[axis])));

    /// <summary>The step from a voxel to the next along an axis, in millimetres.</summary>
    /// <param name="axis">0 for i, 1 for j, 2 for k, 3 for the origin.</param>
    /// <returns>The vector.</returns>
    public Point3 Column(int axis) => new(this[0, axis], this[1, axis], this[2, axis]);

    /// <summary>The point of a voxel's centre.</summary>
    /// <param name="i">First index.</param>
    /// <param name="j">Second index.</param>
    /// <param name="k">Third index.</param>
    /// <returns>The point.</returns>
    public Point3 ToPatient(double i, double j, double k) => Origin + (Column(0) * i) + (Column(1) * j) + (Column(2) * k);

    /// <inheritdoc/>
    public bool Equals(Affine? other) => other is not null && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Affine);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_values[0], _values[5], _values[10], _values[3], _values[7], _values[11]);

    /// <summary>For each axis of the array the axis of the patient that it runs along, each once, and whether it rises there.</summary>
    internal (int Axis, bool Rises)[] Directions()
    {
        // The best assignment of the three array axes to the three of the patient, by the sum of their cosines.
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        double Cosine(int array, int patient)
        {
            Point3 step = Column(array);
            double length = step.Length;
            return length > 0 ? Math.Abs(this[patient, array]) / length : 0;
        }

        int[] best = orders.MaxBy(order => Enumerable.Range(0, 3).Sum(array => Cosine(array, order[array])))!;
        return [.. Enumerable.Range(0, 3).Select(array => (best[array], this[best[array], array] >= 0))];
    }

    private static char Code((int Axis, bool Rises) direction) => direction.Axis switch
    {
        0 => direction.Rises ? 'R' : 'L',
        1 => direction.Rises ? 'A' : 'P',
        _ => direction.Rises ? 'S' : 'I',
    };
}

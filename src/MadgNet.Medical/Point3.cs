namespace MadgNet.Medical;

/// <summary>A point or direction in the patient's space, in millimetres. DICOM: x to the left, y to the back, z to the head.</summary>
/// <param name="X">x.</param>
/// <param name="Y">y.</param>
/// <param name="Z">z.</param>
public readonly record struct Point3(double X, double Y, double Z)
{
    /// <summary>The length of the vector.</summary>
    public double Length => Math.Sqrt(Dot(this));

    /// <summary>Adds two vectors.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum.</returns>
    public static Point3 operator +(Point3 left, Point3 right) => new(left.X + right.X, left.Y + right.Y, left.Z + right.Z);

    /// <summary>Subtracts a vector.</summary>
    /// <param name="left">From this.</param>
    /// <param name="right">This.</param>
    /// <returns>The difference.</returns>
    public static Point3 operator -(Point3 left, Point3 right) => new(left.X - right.X, left.Y - right.Y, left.Z - right.Z);

    /// <summary>Multiplies a vector.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="factor">The factor.</param>
    /// <returns>The product.</returns>
    public static Point3 operator *(Point3 vector, double factor) => new(vector.X * factor, vector.Y * factor, vector.Z * factor);

    /// <summary>The scalar product.</summary>
    /// <param name="other">The other vector.</param>
    /// <returns>The product.</returns>
    public double Dot(Point3 other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    /// <summary>The vector product, perpendicular to both.</summary>
    /// <param name="other">The other vector.</param>
    /// <returns>The product.</returns>
    public Point3 Cross(Point3 other) => new(
        (Y * other.Z) - (Z * other.Y), (Z * other.X) - (X * other.Z), (X * other.Y) - (Y * other.X));
}

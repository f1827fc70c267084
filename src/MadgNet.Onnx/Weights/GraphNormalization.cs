namespace MadgNet.Onnx.Weights;

/// <summary>A batch normalisation of an ONNX graph: <c>scale · (x − mean) / √(variance + ε) + bias</c>.</summary>
/// <param name="Scale">The factors.</param>
/// <param name="Bias">What is added.</param>
/// <param name="Mean">The running means.</param>
/// <param name="Variance">The running variances.</param>
/// <param name="Epsilon">What is added to the variance.</param>
internal sealed record GraphNormalization(GraphTensor Scale, GraphTensor Bias, GraphTensor Mean, GraphTensor Variance, float Epsilon);
